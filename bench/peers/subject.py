"""One library as a process: reads tasks as JSON, one a line, and answers each with a line of JSON.

    subject.py LIBRARY THREADS            LIBRARY is sb3, sbx, torch, cleanrl, rl_tools or numpy

XLA and OpenBLAS take as many threads as there are processors that the process may run on; the caller sets that.
"""
import importlib.metadata
import json
import os
import resource
import sys
import time

library, threads = sys.argv[1], int(sys.argv[2])
if library == "rl_tools":
    os.environ["MKL_NUM_THREADS"] = str(threads)

import gymnasium
import numpy as np

if library == "sb3":
    import torch
    from stable_baselines3 import SAC
elif library == "sbx":
    import jax
    from sbx import SAC
elif library == "torch":
    import torch
    from plain_sac import PlainSac
elif library == "cleanrl":
    import torch
    from cleanrl_sac import CleanRlSac as PlainSac
if library in ("sb3", "torch", "cleanrl"):
    torch.set_num_threads(threads)


class OfSize(gymnasium.Env):
    """Spaces of given sizes, and nothing behind them."""

    def __init__(self, n, m):
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (n,), np.float32)
        self.action_space = gymnasium.spaces.Box(-1, 1, (m,), np.float32)

    def reset(self, seed=None, options=None):
        return np.zeros(self.observation_space.shape, np.float32), {}

    def step(self, action):
        return np.zeros(self.observation_space.shape, np.float32), 0.0, False, False, {}


class Baselines:
    """Stable-Baselines3, and SBX with the same interface."""

    def __init__(self, env, hidden, batch, learning_rate, learning_starts, buffer_size):
        from stable_baselines3.common.logger import configure

        self.batch = batch
        self.model = SAC(
            "MlpPolicy",
            env,
            policy_kwargs={"net_arch": hidden},
            batch_size=batch,
            learning_rate=learning_rate,
            learning_starts=learning_starts,
            buffer_size=buffer_size,
            seed=0,
            **({"device": "cpu"} if library == "sb3" else {}),
        )
        self.model.set_logger(configure(None, []))

    def fill(self, size):
        buffer = self.model.replay_buffer
        for array in (buffer.observations, buffer.actions, buffer.rewards, buffer.next_observations):
            array[:size] = np.random.uniform(-1, 1, (size, *array.shape[1:]))
        buffer.pos, buffer.full = size % buffer.buffer_size, size == buffer.buffer_size

    def update(self):
        self.model.train(gradient_steps=1, batch_size=self.batch)

    def act(self, observation):
        return self.model.predict(observation, deterministic=True)[0]

    def train(self, steps):
        self.model.learn(steps, log_interval=None, reset_num_timesteps=False)


class Plain:
    def __init__(self, *args):
        self.sac = PlainSac(*args)
        self.act, self.train, self.update = self.sac.act, self.sac.train, self.sac.update

    def fill(self, size):
        replay = self.sac.replay
        for array in replay.arrays[:4]:
            array[:size] = np.random.uniform(-1, 1, (size, array.shape[1]))
        replay.size, replay.at = size, size % replay.capacity


agent = None


def create(env=None, sizes=None, hidden=(256, 256), batch=256, learningRate=3e-4, learningStarts=100, buffer=50_000):
    """Makes an agent, for an environment or for sizes of observation and action."""
    global agent
    kind = Plain if library in ("torch", "cleanrl") else Baselines
    made = gymnasium.make(env) if env else OfSize(*sizes)
    agent = kind(made, list(hidden), batch, learningRate, learningStarts, buffer)
    return None


def fill(size):
    agent.fill(size)


def rate_of(step, seconds):
    """How often a step runs a second, and the processor time of one in milliseconds, all threads together."""
    start, processor, done = time.perf_counter(), time.process_time(), 0
    while True:
        step()
        done += 1
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            return {"rate": done / elapsed, "processor": 1000 * (time.process_time() - processor) / done}


def update(seconds):
    return rate_of(agent.update, seconds)


def first_update():
    """Seconds of the first update, compilation included, beyond one that follows."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        agent.update()
        times.append(time.perf_counter() - start)
    return times[0] - times[1]


def train(steps):
    """Environment steps a second, the updates they bring included, and the processor time of one in milliseconds."""
    start, processor = time.perf_counter(), time.process_time()
    agent.train(steps)
    elapsed = time.perf_counter() - start
    return {"rate": steps / elapsed, "processor": 1000 * (time.process_time() - processor) / steps}


compiled = None


def pendulum(seed):
    """Seconds of a whole training in rl_tools, whose compiler has made it for these sizes before."""
    global compiled
    if compiled is None:
        from rltools import SAC

        here = os.path.dirname(os.path.abspath(__file__))
        environment = {"path": os.path.join(here, "rl_tools_pendulum"), "observation_dim": 3, "action_dim": 1}
        compiled = SAC(environment, enable_evaluation=False, evaluation_interval=None, STEP_LIMIT=10_000)
    state = compiled.State(seed)
    start = time.perf_counter()
    while not state.step():
        pass
    return time.perf_counter() - start


def act(calls):
    """Microseconds of one deterministic action: the median over calls."""
    observation = np.full(17, 0.1, np.float32)
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        agent.act(observation)
        times.append(time.perf_counter() - start)
    return float(np.median(times)) * 1e6


def evaluate(episodes):
    """Mean return of the deterministic policy on Pendulum-v1."""
    env = gymnasium.make("Pendulum-v1")
    returns = []
    for episode in range(episodes):
        observation, _ = env.reset(seed=1000 + episode)
        total, ended = 0.0, False
        while not ended:
            observation, reward, terminated, truncated, _ = env.step(agent.act(observation))
            total += reward
            ended = terminated or truncated
        returns.append(total)
    return float(np.mean(returns))


def memory():
    """The most memory that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def products(shapes, seconds):
    """Rounds of matrix products [m, k] x [k, n] a second, in NumPy."""
    operands = []
    for m, n, k, transposeA, transposeB in shapes:
        a = np.random.rand(*((k, m) if transposeA else (m, k))).astype(np.float32)
        b = np.random.rand(*((n, k) if transposeB else (k, n))).astype(np.float32)
        operands.append((a.T if transposeA else a, b.T if transposeB else b, np.empty((m, n), np.float32)))

    def step():
        for a, b, out in operands:
            np.matmul(a, b, out=out)

    step()
    return rate_of(step, seconds)


def versions():
    found = {"Python": sys.version.split()[0], "numpy": np.__version__}
    for name in ("torch", "jax", "stable_baselines3", "sbx"):
        if name in sys.modules:
            found[name] = sys.modules[name].__version__
    if library == "rl_tools":
        found["rltools"] = importlib.metadata.version("rltools")
    return found


TASKS = {f.__name__: f for f in (create, fill, update, first_update, train, pendulum, act, evaluate, memory, products, versions)}

if __name__ == "__main__":
    # Libraries, C++ ones too, print lines of their own: to the other stream, where no answers are expected.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        task = TASKS[request.pop("task")]
        print(json.dumps({"value": task(**request)}), file=answers, flush=True)
