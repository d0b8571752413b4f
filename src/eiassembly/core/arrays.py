"""Arrays as most functions take and return them; their shapes and units are in docstrings."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64] | NDArray[np.float64]
