"""Environments that do what must not go unnoticed between Gymnasium and its other side; importing registers them."""

import os
import threading
import time

import gymnasium
import numpy as np
from gymnasium import spaces


class Faulty(gymnasium.Env):
    """Draws its observations, and does in its third step, or when it is made or closed, what `fault` says."""

    def __init__(self, fault="none"):
        self.fault = fault
        self.observation_space = spaces.Box(-np.inf, np.inf, (2, 3), np.float64)
        self.action_space = spaces.Box(-1, 1, (1,), np.float32)
        if fault == "dict":
            self.observation_space = spaces.Dict({"position": self.observation_space})
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
        info = {"half": np.float32(0.5), "array": np.zeros(3), "undefined": np.nan, "name": "a", "yes": np.bool_(True)}
        return self.np_random.normal(size=(2, 3)), np.nan if self.fault == "nan" else 0.1, False, False, info

    def explode(self):
        raise ValueError("the motor is on fire")

    def close(self):
        if self.fault == "thread":
            threading.Thread(target=time.sleep, args=(1000,)).start()
        if self.fault == "close":
            raise RuntimeError("jammed")


gymnasium.register("Faulty-v0", Faulty)
