"""Executes a notebook in a folder and prints what its cells put out: run_notebook.py NOTEBOOK FOLDER KERNELS [WRITE_TO]."""

import json
import os
import queue
import sys

import nbformat
from jupyter_client.manager import start_new_kernel

path, folder, kernels, *write_to = sys.argv[1:]
os.environ["JUPYTER_PATH"] = kernels
OUTPUTS = ("execute_result", "display_data", "stream", "error")


def run(client, cell):
    asked = client.execute(cell.source)
    reply = client.get_shell_msg(timeout=300)["content"]
    if reply["status"] != "ok":
        raise RuntimeError(f"{reply.get('evalue')} in:\n{cell.source}")
    cell.execution_count = reply["execution_count"]
    # Deno's kernel may say that it is idle before it sends the last output, so its word is not taken as the end.
    while True:
        try:
            message = client.get_iopub_msg(timeout=1)
        except queue.Empty:
            return
        if message["parent_header"].get("msg_id") == asked and message["msg_type"] in OUTPUTS:
            cell.outputs.append(nbformat.v4.output_from_msg(message))


notebook = nbformat.read(path, as_version=4)
cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
manager, client = start_new_kernel(kernel_name="deno", cwd=folder)
try:
    for cell in cells:
        cell.outputs = []
        run(client, cell)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
if write_to:
    nbformat.write(notebook, write_to[0])
print(json.dumps([cell.outputs for cell in cells]))
