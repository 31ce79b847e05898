# SPDX-License-Identifier: BSD-2-Clause
"""Real messages to sign: spread over the corpus that tests/corpus/fetch gets."""

import glob
import os
import re
import subprocess

COUNT = int(os.environ.get("CORPUS_COUNT", "1000"))
PART = 100  # messages of one run


def fetch(root):
    """The folder of the corpus; None: it cannot be had, which is said."""
    corpus = os.path.join(root, "corpus")
    here = os.path.dirname(os.path.realpath(__file__))
    fetched = subprocess.run([here + "/../corpus/fetch", corpus], stdout=subprocess.PIPE, text=True, check=False)
    if fetched.returncode == 0:
        return corpus
    print("skip signing: " + fetched.stdout.strip())
    return None


def write_messages(corpus, folder, fits=lambda text: True):
    """Paths of messages that fit and whose From has an address, without the line that divides them in a
    mailbox."""
    found = sorted(glob.glob(corpus + "/package/data/*/*.txt"))
    paths = []
    for path in found[:: max(1, len(found) // (COUNT + COUNT // 10))]:
        with open(path, "rb") as file:
            text = file.read()
        if text.startswith(b"From "):
            text = text.partition(b"\n")[2]
        header = re.split(rb"\r?\n\r?\n", text, maxsplit=1)[0]
        if len(paths) == COUNT or not re.search(rb"^from:.*@", header, re.M | re.I) or not fits(text):
            continue
        paths.append(os.path.join(folder, f"{len(paths)}.eml"))
        with open(paths[-1], "wb") as file:
            file.write(text)
    return paths


def with_crlf(path):
    with open(path, "rb") as file:
        return re.sub(rb"\r?\n", b"\r\n", file.read())


def report(name, wrong, count):
    print(f"{'not ok' if wrong else 'ok'} signing: {name}: {count} messages", flush=True)
    for line in wrong[:20]:
        print(f"# {line}")
    return not wrong
