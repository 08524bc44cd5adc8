"""The makers: what prints of each have in common, as measured on real sheets.

Copies, faxes and windows of programs are made of any of them afterwards: `surface.py`.
"""

from typing import Final

from ecgclip.simulation.prints.catalogue.abroad import ABROAD
from ecgclip.simulation.prints.catalogue.american import AMERICAN
from ecgclip.simulation.prints.catalogue.kinds import KINDS

MAKERS: Final = (*AMERICAN, *ABROAD, *KINDS)
