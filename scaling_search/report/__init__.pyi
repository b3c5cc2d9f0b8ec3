from .choice_view import ChoiceView as ChoiceView
from .choice_view import build_choice_view as build_choice_view
from .choice_view import triangle_of as triangle_of
from .html import figures as figures
from .html import report_html as report_html
from .study_data import StudyData as StudyData
from .study_data import collect_study_data as collect_study_data
