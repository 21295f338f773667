"""Checks ONNX models and runs them in ONNX Runtime, as a Python user would.

Reads JSON from standard input: a list of {"model": path, "inputs": {name: rows}}. Prints for each the outputs by name,
the model's metadata and its versions.
"""

import json
import sys

import numpy
import onnx
import onnxruntime


def run(request):
    model = onnx.load(request["model"])
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(request["model"], providers=["CPUExecutionProvider"])
    inputs = {name: numpy.array(rows, numpy.float32) for name, rows in request["inputs"].items()}
    names = [output.name for output in session.get_outputs()]
    outputs = session.run(names, inputs)
    return {
        "outputs": {name: output.tolist() for name, output in zip(names, outputs)},
        "metadata": session.get_modelmeta().custom_metadata_map,
        "opset": model.opset_import[0].version,
        "irVersion": model.ir_version,
    }


print(json.dumps([run(request) for request in json.load(sys.stdin)]))
