"""Files of transitions, as Python has them.

  data_files.py read FILE ...   what numpy.load and json find in files that this project wrote
  data_files.py write FOLDER    writes the same episodes of Gymnasium's Pendulum-v1 in every format that others have, and prints
                                its transitions
"""

import json
import os
import sys

import numpy as np

FIELDS = ["observation", "action", "reward", "nextObservation", "terminated", "truncated"]


def read(path):
    if path.endswith(".jsonl"):
        with open(path, encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        return {"columns": {name: [row[name] for row in rows] for name in FIELDS}}
    # Arrays of Python objects, which would execute code, are refused.
    with np.load(path, allow_pickle=False) as arrays:
        return {
            "columns": {name: arrays[name].tolist() for name in FIELDS},
            "types": {name: str(arrays[name].dtype) for name in arrays},
            "shapes": {name: list(arrays[name].shape) for name in arrays},
        }


def write(folder):
    import gymnasium
    import h5py
    import minari
    import pyarrow as pa
    import pyarrow.parquet as pq

    os.environ["MINARI_DATASETS_PATH"] = os.path.join(folder, "minari")
    env = gymnasium.make("Pendulum-v1", max_episode_steps=30)
    env.action_space.seed(3)
    columns = {name: [] for name in FIELDS}
    buffers = []
    for episode in range(2):
        observation, _ = env.reset(seed=episode)
        own = {name: [] for name in FIELDS}
        observations = [observation]
        ended = False
        while not ended:
            action = env.action_space.sample()
            following, reward, terminated, truncated, _ = env.step(action)
            ended = terminated or truncated
            for name, value in zip(FIELDS, [observation, action, reward, following, terminated, truncated]):
                own[name].append(value)
            observation = following
            observations.append(observation)
        buffers.append(
            minari.data_collector.EpisodeBuffer(
                id=episode,
                observations=np.array(observations),
                actions=np.array(own["action"]),
                rewards=own["reward"],
                terminations=own["terminated"],
                truncations=own["truncated"],
            )
        )
        for name in FIELDS:
            columns[name] += own[name]
    minari.create_dataset_from_buffers(
        "pendulum/random-v0",
        buffers,
        env=env,
        author="somebody",
        author_email="somebody@example.org",
        algorithm_name="random",
        code_permalink="https://example.org",
    )

    arrays = {name: np.array(values) for name, values in columns.items()}
    gymnasiums = {
        "observations": arrays["observation"],
        "actions": arrays["action"],
        "rewards": arrays["reward"],
        "next_observations": arrays["nextObservation"],
        "terminals": arrays["terminated"],
        "timeouts": arrays["truncated"],
    }
    np.savez(os.path.join(folder, "plain.npz"), **gymnasiums)
    np.savez_compressed(os.path.join(folder, "compressed.npz"), **gymnasiums)
    with h5py.File(os.path.join(folder, "d4rl.hdf5"), "w") as file:
        for name, values in gymnasiums.items():
            file.create_dataset(name, data=values, compression="gzip")
    lists = {name: pa.array(values.tolist(), pa.list_(pa.float32()) if values.ndim > 1 else None) for name, values in gymnasiums.items()}
    flat = {}
    for name, values in gymnasiums.items():
        flat |= {f"{name}_{i}": values[:, i] for i in range(values.shape[1])} if values.ndim > 1 else {name: values}
    for codec in ["snappy", "gzip", "none"]:
        pq.write_table(pa.table(lists), os.path.join(folder, f"lists-{codec}.parquet"), compression=codec, row_group_size=25)
        pq.write_table(pa.table(flat), os.path.join(folder, f"flat-{codec}.parquet"), compression=codec)
    return {"columns": {name: values.tolist() for name, values in arrays.items()}}


command, *paths = sys.argv[1:]
print(json.dumps([read(path) for path in paths] if command == "read" else write(*paths)))
