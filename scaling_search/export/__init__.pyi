from .documents import ALL_FORMATS as ALL_FORMATS
from .documents import check_format as check_format
from .documents import export as export
from .documents import study_document as study_document
from .frames import trial_frame as trial_frame
