# SPDX-License-Identifier: BSD-2-Clause
"""Keys and certificates, made anew for each run."""

import os
import subprocess


def openssl(*arguments):
    """What the command prints."""
    return subprocess.run(
        ["openssl", *arguments], capture_output=True, text=True, check=True
    ).stdout


def make_certificate(key, certificate):
    """One that signs itself, for the host mta.test; paths of the files to write."""
    openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=mta.test"),
        *("-keyout", key, "-out", certificate),
    )
    os.chmod(key, 0o600)
