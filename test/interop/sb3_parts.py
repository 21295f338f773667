"""Saves an agent of Stable-Baselines3 that observes a Dict with goals, and prints what it computes.

Argument: file to save to. Prints JSON: some observations, each part flat, and for each the deterministic action and the
first critic's value of it.
"""

import json
import sys

import gymnasium as gym
import numpy as np
import torch
from gymnasium.spaces import Box, Dict, Discrete, flatten
from stable_baselines3 import SAC

torch.set_num_threads(1)
parts = {"velocity": Box(-1, 1, (2, 2)), "desired_goal": Box(-1, 1, (2,)), "achieved_goal": Box(-1, 1, (2,)), "choice": Discrete(3)}


class Still(gym.Env):
    observation_space = Dict(parts)
    action_space = Box(-1, 1, (1,))

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        return self.observation_space.sample(), {}

    def step(self, action):
        return self.observation_space.sample(), 0.0, False, False, {}


env = Still()
env.observation_space.seed(3)
model = SAC("MultiInputPolicy", env, policy_kwargs={"net_arch": [8, 6]}, buffer_size=512, seed=1, device="cpu")
model.save(sys.argv[1])
observations = [env.observation_space.sample() for _ in range(10)]
actions = [model.predict(observation, deterministic=True)[0] for observation in observations]
with torch.no_grad():
    q1 = [
        model.critic(model.policy.obs_to_tensor(observation)[0], torch.as_tensor(action)[None])[0].item()
        for observation, action in zip(observations, actions)
    ]
print(
    json.dumps(
        {
            "observations": [
                {key: flatten(parts[key], value).astype(float).tolist() for key, value in observation.items()}
                for observation in observations
            ],
            "actions": [np.asarray(action).tolist() for action in actions],
            "q1": q1,
        }
    )
)
