# SPDX-License-Identifier: BSD-2-Clause
"""The laboratory: private mail servers, a filterd, a client and a sink, all on loopback."""
