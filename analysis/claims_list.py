"""All claims of the paper, in their order."""

from eiassembly.analysis.claims_activity import ACTIVITY
from eiassembly.analysis.claims_coding import CODING
from eiassembly.analysis.claims_completion import COMPLETION
from eiassembly.analysis.claims_memory import MEMORY

CLAIMS = (*ACTIVITY, *COMPLETION, *CODING, *MEMORY)
