from .observations import Cells as Cells
from .observations import usable as usable
from .recommendation import conclude as conclude
from .response_surface import Surface as Surface
from .response_surface import fit as fit
from .selection import choose as choose
