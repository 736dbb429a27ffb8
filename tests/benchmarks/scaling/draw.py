"""Draws the curves of the benchmark: one PNG for each. A script for an environment with matplotlib."""

import argparse
import json
from importlib import import_module
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="what the benchmark has measured")
    parser.add_argument("folder", type=Path, help="where the pictures are written")
    options = parser.parse_args()
    # Not where the rest of this repository is checked.
    import_module("matplotlib").use("Agg")
    pyplot: Any = import_module("matplotlib.pyplot")
    for scale in json.loads(options.data.read_text()):
        figure, axes = pyplot.subplots(figsize=(6, 3.4), layout="constrained")
        for name, values in scale["curves"].items():
            axes.plot(scale["sizes"][: len(values)], values, marker="o", label=name)
        axes.set_xscale("log")
        if max(max(values) for values in scale["curves"].values()) > 30 * min(min(scale["curves"].values(), key=min)):
            axes.set_yscale("log")
        else:
            axes.set_ylim(bottom=0)
        axes.set_xlabel(scale["x"])
        axes.set_ylabel(scale["y"])
        axes.grid(visible=True, alpha=0.3)
        axes.legend()
        # Without its version, so that the same figures make the same file.
        figure.savefig(options.folder / f"{scale['name']}.png", dpi=110, metadata={"Software": None})
        pyplot.close(figure)


if __name__ == "__main__":
    main()
