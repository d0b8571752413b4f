"""All claims of the paper, in their order."""

from eiassembly.analysis.claims_activity import ACTIVITY

CLAIMS = ACTIVITY
