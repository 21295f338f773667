"""Prints what safetensors' own reader finds in a checkpoint: steps, shapes and types, and the exact bits of one tensor."""

import json
import sys
import zlib

from safetensors import safe_open

path = sys.argv[1]
with safe_open(path, "numpy") as file:
    tensors = {name: file.get_tensor(name) for name in file.keys()}
    metadata = file.metadata()
with open(path, "rb") as file:
    content = file.read()

print(
    json.dumps(
        {
            "steps": metadata["steps"],
            "engine": json.loads(metadata["state"])["engine"],
            "types": {name: str(tensor.dtype) for name, tensor in tensors.items()},
            "sizes": {name: tensor.size for name, tensor in tensors.items()},
            "actor": tensors["agent.learner.actor"].view("uint32").tolist(),
            "checksum": int.from_bytes(tensors["checksum"].tobytes(), "little"),
            "expected": zlib.crc32(content[:-4]),
        }
    )
)
