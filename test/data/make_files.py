"""Makes the files in files/ as others write them: python test/data/make_files.py (h5py, numpy and pyarrow)."""
import os

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

os.chdir(os.path.join(os.path.dirname(__file__), 'files'))

# Two episodes of 3 and 4 steps: the first is terminated, the second truncated. Observation k of episode e is
# [e, k, k / 3], action k is [k / 10], reward k is -k - e.
LENGTHS = [3, 4]
episodes = []
for e, steps in enumerate(LENGTHS):
    k = np.arange(steps + 1)
    observations = np.stack([np.full(steps + 1, e), k, k / 3], axis=1)
    last = k[:steps] == steps - 1
    episodes.append({
        'observations': observations,
        'actions': (k[:steps, None] / 10).astype('f4'),
        'rewards': (-k[:steps] - e).astype('f8'),
        'terminations': last & (e == 0),
        'truncations': last & (e == 1),
    })

with h5py.File('minari.hdf5', 'w', libver='latest') as file:
    # Episode 10 after 2, not before it.
    for number, episode in zip([2, 10], episodes):
        group = file.create_group(f'episode_{number}')
        for name, values in episode.items():
            group[name] = values

join = lambda name: np.concatenate([episode[name] for episode in episodes])
table = {
    'observations': np.concatenate([episode['observations'][:-1] for episode in episodes]),
    'actions': join('actions'),
    'rewards': join('rewards'),
    'next_observations': np.concatenate([episode['observations'][1:] for episode in episodes]),
    'terminals': join('terminations'),
    'timeouts': join('truncations'),
}
with h5py.File('d4rl.hdf5', 'w', libver='latest') as file:
    for name, values in table.items():
        file[name] = values
    file['infos/qpos'] = np.zeros(7)

np.savez('stored.npz', **table)
np.savez_compressed('deflated.npz', **(table | {'rewards': table['rewards'].astype('i8')}))

lists = {name: pa.array(values.tolist()) for name, values in table.items()}
pq.write_table(pa.table(lists), 'lists.parquet', row_group_size=3)
fixed = lambda values: pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])
sized = {name: fixed(values) if values.ndim > 1 else pa.array(values) for name, values in table.items()}
pq.write_table(pa.table(sized), 'sized.parquet', compression='gzip', data_page_version='2.0')
flat = {}
for name, values in table.items():
    if name == 'actions':
        flat[name] = values[:, 0]
    elif values.ndim > 1:
        flat |= {f'{name}_{i}': values[:, i] for i in range(values.shape[1])}
    else:
        flat[name] = values
pq.write_table(pa.table(flat | {'episode': np.repeat(['a', 'b'], LENGTHS)}), 'flat.parquet')
