# SPDX-License-Identifier: BSD-2-Clause
"""What processes use, looked at again and again: memory in kB, descriptors, threads."""

import os
import threading


def look(pid):
    """One sample; ProcessLookupError when the process is gone."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            memory = dict(line.split()[:2] for line in file if line[:4] in ("Rss:", "Pss:"))
        return {
            "rss": int(memory["Rss:"]),
            "pss": int(memory["Pss:"]),
            "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
            "threads": len(os.listdir(f"/proc/{pid}/task")),
        }
    except (FileNotFoundError, KeyError) as failure:
        raise ProcessLookupError(pid) from failure


class Sampler(threading.Thread):
    """Samples of named processes, until told to end."""

    def __init__(self, processes, interval):
        super().__init__(daemon=True)
        self.processes = processes  # names to process ids
        self.interval = interval
        self.samples = {name: [] for name in processes}
        self.gone = set()
        self.ending = threading.Event()
        self.start()

    def run(self):
        while not self.ending.wait(self.interval):
            for name in set(self.processes) - self.gone:
                try:
                    self.samples[name].append(look(self.processes[name]))
                except ProcessLookupError:
                    self.gone.add(name)

    def end(self):
        """The samples by process and measure."""
        self.ending.set()
        self.join()
        return {
            name: {measure: [one[measure] for one in samples] for measure in samples[0]}
            for name, samples in self.samples.items()
            if samples
        }
