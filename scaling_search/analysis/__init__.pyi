from .observations import Observations as Observations
from .observations import usable as usable
from .recommendation import recommend as recommend
from .response_surface import Surface as Surface
from .response_surface import fit as fit
from .selection import choose as choose
