"""What ``sam build`` asks the Makefile for: one function or layer of template.yaml, built for Lambda.

SAM's own way of building needs Lambda's Python on this machine; this one takes wheels for it from the index, and needs
it only to compile bytecode.

    ARTIFACTS_DIR=folder python -m scripts.artifact ChatLayer
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

from localcloud import package
from localcloud.endpoints import ROOT
from localcloud.problem import Problem


def build(name: str) -> Path:
    """The folder with what the resource ``name`` of the template runs.

    Raises:
        Problem: it cannot be built.
    """
    resource = yaml_parse((ROOT / "template.yaml").read_text())["Resources"][name]
    if resource["Type"] == "AWS::Serverless::LayerVersion":
        return package.layer(resource["Properties"]["ContentUri"], package.LAMBDA)
    return package.function(resource["Properties"]["CodeUri"], package.LAMBDA)


if __name__ == "__main__":
    try:
        shutil.copytree(build(sys.argv[1]), os.environ["ARTIFACTS_DIR"], dirs_exist_ok=True)
    except Problem as problem:
        sys.exit(str(problem))
