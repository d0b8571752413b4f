"""All claims of the paper, in their order."""

from eiassembly.analysis.claims.activity import ACTIVITY
from eiassembly.analysis.claims.coding import CODING
from eiassembly.analysis.claims.completion import COMPLETION
from eiassembly.analysis.claims.memory import MEMORY

CLAIMS = (*ACTIVITY, *COMPLETION, *CODING, *MEMORY)
