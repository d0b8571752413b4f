"""Names, units and versions of everything in our HDF5 files.

RUN.h5 is a SONATA spike file (``/spikes/<population>/{timestamps,node_ids}``, by_time, ms, 0-based ids) with
one more group, ``/eiassembly``::

    /                                attributes: magic, version (SONATA), format, version_number
    /eiassembly                      attributes: complete (bool), dt, delay, duration, simulated (all ms),
                                     network_hash, odors_hash
    /eiassembly/config               resolved configuration of the simulation, JSON
    /eiassembly/provenance           versions, NEST build, ranks x threads, host, wall clock, memory; JSON
    /eiassembly/network/…            a copy of NET.h5
    /eiassembly/odors/…              a copy of ODORS.h5 without its spike trains
    /eiassembly/presentations/…      onset, offset [ms], odor, kind: one row per presentation
    /eiassembly/records/<population> node_ids (n_cells,), times (n_times,) [ms], and one dataset per
                                     recorded quantity, shape (n_times, n_cells), attribute units
    /eiassembly/checkpoint/…         the last snapshot of the network, if any were asked for

A recorded conductance is the one that acted in the step that ends at its time: what the scheme has
at the end of the step before.
"""

NETWORK_FORMAT = "eiassembly-network"
ODORS_FORMAT = "eiassembly-odors"
RUN_FORMAT = "eiassembly-run"
LYAPUNOV_FORMAT = "eiassembly-lyapunov"
VERSION = 2

SONATA_MAGIC = 0x0A7A
SONATA_VERSION = (0, 1)
SORTING = {"none": 0, "by_id": 1, "by_time": 2}

ROOT = "eiassembly"
CONFIG = f"{ROOT}/config"
PROVENANCE = f"{ROOT}/provenance"
NETWORK = f"{ROOT}/network"
ODORS = f"{ROOT}/odors"
PRESENTATIONS = f"{ROOT}/presentations"
RECORDS = f"{ROOT}/records"
CHECKPOINT = f"{ROOT}/checkpoint"

UNITS = {"V_m": "mV", "z": "pA", "g": "nS"}
"""Units of recorded quantities; g_<population> is the conductance of the port of that population."""
