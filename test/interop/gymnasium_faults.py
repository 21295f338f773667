"""Environments that do what must not go unnoticed between Gymnasium and its other side; importing registers them."""

import os
import threading
import time

import gymnasium
import numpy as np
from gymnasium import spaces

# What a step may answer in place of what it should, and what it may well answer, by the name of the fault.
ANSWERS = {
    "reward of two": {"reward": np.array([0.5, 0.25])},
    "reward of one": {"reward": np.array([0.5])},
    "reward in a list": {"reward": [0.5]},
    "no reward": {"reward": None},
    "reward text": {"reward": "1.5"},
    "reward true": {"reward": True},
    "terminated text": {"terminated": "false"},
    "terminated number": {"terminated": 0},
    "no truncated": {"truncated": None},
    "truncated in an array": {"truncated": np.array([False])},
    "hole in the observation": {"observation": [[0, 0, 0], [0, None, 0]]},
    "text in the observation": {"observation": [["0", "1", "2"], ["3", "4", "5"]]},
    "truths as observation": {"observation": np.zeros((2, 3), bool)},
    "flat observation": {"observation": np.zeros(6)},
    "turned observation": {"observation": np.zeros((3, 2))},
    "numbers of NumPy": {"reward": np.float32(0.5), "terminated": np.bool_(False), "truncated": np.array(False)},
    "whole numbers in lists": {"observation": [[1, 2, 3], [4, 5, 6]], "reward": 1},
}


class Faulty(gymnasium.Env):
    """Draws its observations, and does in its third step, or when it is made or closed, what `fault` says."""

    def __init__(self, fault="none"):
        self.fault = fault
        self.observation_space = spaces.Box(-np.inf, np.inf, (2, 3), np.float64)
        self.action_space = spaces.Box(-1, 1, (1,), np.float32)
        if fault == "whole numbers":
            self.action_space = spaces.Box(0, 5, (1,), np.int64)
        if fault == "broken":
            raise RuntimeError("no battery")

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self.np_random.normal(size=(2, 3)), {"options": str(options), "process": os.getpid()}

    def step(self, action):
        print("to standard output", flush=True)
        os.write(1, b"past Python\n")
        self.steps += 1
        if self.steps == 3:
            if self.fault == "raise":
                self.explode()
            if self.fault == "exit":
                os._exit(3)
            if self.fault == "sleep":
                time.sleep(1000)
        if self.fault in ANSWERS:
            answer = {"observation": np.zeros((2, 3)), "reward": 0.1, "terminated": False, "truncated": False}
            return *{**answer, **ANSWERS[self.fault]}.values(), {}
        info = {"half": np.float32(0.5), "array": np.zeros(3), "undefined": np.nan, "name": "a", "yes": np.bool_(True)}
        return self.np_random.normal(size=(2, 3)), np.nan if self.fault == "nan" else 0.1, False, False, info

    def explode(self):
        raise ValueError("the motor is on fire")

    def close(self):
        if self.fault == "thread":
            threading.Thread(target=time.sleep, args=(1000,)).start()
        if self.fault == "close":
            raise RuntimeError("jammed")


class Strict(gymnasium.Env):
    """Takes no action outside its own space, which is of the given type; the reward is the largest element."""

    observation_space = spaces.Box(-np.finfo(np.float64).max, np.inf, (1,), np.float64)

    def __init__(self, dtype="float64", low=-0.3, high=0.3):
        self.action_space = spaces.Box(low, high, (2, 2), np.dtype(dtype).type)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(1), {}

    def step(self, action):
        assert self.action_space.contains(action), f"{action!r} is outside {self.action_space}"
        return np.zeros(1), float(action.max()), False, False, {}


class Choosing(gymnasium.Env):
    """Takes choices of the space's own type alone; what it was given is observed."""

    SPACES = {
        "discrete": spaces.Discrete(3, start=-1),
        "multi": spaces.MultiDiscrete([[2, 3], [4, 1]], start=[[0, 1], [0, 0]]),
        "binary": spaces.MultiBinary(4),
        "tuple": spaces.Tuple([spaces.Discrete(2), spaces.Box(-1, 1, (1,))]),
        "dict": spaces.Dict({"gear": spaces.Discrete(2)}),
    }

    def __init__(self, kind="discrete"):
        self.action_space = self.SPACES[kind]
        self.observation_space = spaces.Box(-9, 9, (4 if kind == "multi" else 1,), np.float64)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(self.observation_space.shape), {}

    def step(self, action):
        assert self.action_space.contains(action), f"{action!r} is outside {self.action_space}"
        return np.ravel(action).astype(np.float64), 0.0, False, False, {}


class Parts(gymnasium.Env):
    """Observes several things at once, or what is not a vector of numbers."""

    SPACES = {
        "dict": spaces.Dict(
            {
                "speed": spaces.Box(-1, 2, (2,), np.float64),
                "gear": spaces.Discrete(3, start=1),
                "arm": spaces.Dict({"tip": spaces.Box(-5, 5, (1, 2), np.float32), "lamps": spaces.MultiBinary(2)}),
            }
        ),
        "ordered": spaces.Dict(observation=spaces.Box(0, 1, (1,)), desired_goal=spaces.Box(2, 3, (1,))),
        "tuple": spaces.Tuple([spaces.Box(-1, 1, (1,)), spaces.MultiDiscrete([2, 3])]),
        "discrete": spaces.Discrete(4),
        "picture": spaces.Dict({"camera": spaces.Box(0, 255, (8, 8, 3), np.uint8)}),
        "text": spaces.Dict({"word": spaces.Text(5)}),
    }

    def __init__(self, kind="dict", fault="none"):
        self.observation_space = self.SPACES[kind]
        self.action_space = spaces.Box(-1, 1, (1,), np.float32)
        self.fault = fault

    def observe(self):
        observation = self.observation_space.sample()
        if self.fault == "missing":
            del observation["gear"]
        if self.fault == "no dict":
            observation = np.zeros(3)
        if self.fault == "choice":
            observation["gear"] = 7
        if self.fault == "shape":
            observation["arm"]["tip"] = np.zeros(2)
        self.last = observation
        return observation

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.observation_space.seed(seed)
        return self.observe(), {}

    def step(self, action):
        return self.observe(), 0.0, False, False, {}


class Goals(gymnasium.Env):
    """A point that is to be moved to a goal, with a fault in how it computes rewards."""

    action_space = spaces.Box(-1, 1, (1,), np.float32)

    def __init__(self, fault="none"):
        keys = ["observation", "achieved_goal", "desired_goal"]
        if fault == "no desired goal":
            keys.remove("desired_goal")
        self.observation_space = spaces.Dict({key: spaces.Box(-9, 9, (1,)) for key in keys})
        if fault != "no reward":
            self.compute_reward = {"single": self.single, "raises": self.raises}.get(fault, self.distance)

    def distance(self, achieved_goal, desired_goal, info):
        return -np.abs(achieved_goal - desired_goal)[..., 0]

    def single(self, achieved_goal, desired_goal, info):
        return -float(np.abs(achieved_goal - desired_goal).sum())

    def raises(self, achieved_goal, desired_goal, info):
        raise ValueError("no goal of mine")

    def observe(self):
        return {key: np.zeros(1, np.float32) for key in self.observation_space.spaces}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.observe(), {}

    def step(self, action):
        return self.observe(), 0.0, False, False, {}


gymnasium.register("Goals-v0", Goals)
gymnasium.register("Parts-v0", Parts)
gymnasium.register("Choosing-v0", Choosing)
gymnasium.register("Faulty-v0", Faulty)
gymnasium.register("Strict-v0", Strict)
