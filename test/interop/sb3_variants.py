"""Saves small untrained agents of Stable-Baselines3, one for each way in which it differs from what is imported whole.

Arguments: the folder for the files, which have the variants' names.
"""

import sys

import gymnasium as gym
import numpy as np
import torch
from gymnasium.spaces import Box, Dict, Discrete, MultiDiscrete
from sb3_contrib import TQC
from stable_baselines3 import A2C, DDPG, SAC, TD3, HerReplayBuffer
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.noise import NormalActionNoise, OrnsteinUhlenbeckActionNoise

folder = sys.argv[1]
torch.set_num_threads(1)


class Still(gym.Env):
    """A world in which nothing happens."""

    def __init__(self, observation_space, action_space=Box(-1, 1, (1,))):
        self.observation_space = observation_space
        self.action_space = action_space

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        return self.observation_space.sample(), {}

    def step(self, action):
        return self.observation_space.sample(), 0.0, False, False, {}

    def compute_reward(self, achieved, desired, info):
        return np.zeros(len(achieved))


class ReLU(torch.nn.ReLU):
    """Not PyTorch's own."""


unit = Box(-1, 1, (2,))
pendulum = "Pendulum-v1"
goals = Dict({"observation": unit, "achieved_goal": unit, "desired_goal": unit})


def save(name, algorithm=SAC, env=pendulum, policy="MlpPolicy", arguments=None, **settings):
    model = algorithm(
        policy,
        env,
        policy_kwargs={"net_arch": [8, 6], **(arguments or {})},
        buffer_size=64,
        device="cpu",
        **settings,
    )
    model.save(f"{folder}/{name}.zip")


gaussian = NormalActionNoise(np.zeros(1), 0.2 * np.ones(1))
wandering = OrnsteinUhlenbeckActionNoise(np.zeros(1), 0.2 * np.ones(1))

save("plain")
save("matrix", env=Still(Box(-1, 1, (2, 3))))
save("bytes", env=Still(Box(0, 255, (6,), np.uint8)))
save("fixed", ent_coef=0.2)
save("rounds", train_freq=4, gradient_steps=2)
save("environments", env=make_vec_env(pendulum, 4), gradient_steps=-1)
save("episodes", train_freq=(1, "episode"), gradient_steps=-1)
save("schedule", learning_rate=lambda progress: 1e-3 * progress)
save("noise", action_noise=NormalActionNoise(np.zeros(1), np.ones(1)))
save("adamw", arguments={"optimizer_class": torch.optim.AdamW, "optimizer_kwargs": {"weight_decay": 0.01}})
save("betas", arguments={"optimizer_kwargs": {"betas": (0.5, 0.999)}})
save("three-critics", arguments={"n_critics": 3})
save("other-hidden-layers", arguments={"net_arch": {"pi": [8], "qf": [6]}})
save("td3", TD3)
save("td3-several", TD3, env=make_vec_env(pendulum, 2), action_noise=gaussian)
save("td3-uneven", TD3, env=Still(unit, Box(-1, 1, (2,))), action_noise=NormalActionNoise(np.zeros(2), np.array([0.1, 0.2])))
save("ddpg", DDPG, action_noise=wandering)
save("tqc", TQC, ent_coef=0.1)
save("tqc-one-quantile", TQC, arguments={"n_quantiles": 1}, top_quantiles_to_drop_per_net=0)

save("images", env=Still(Box(0, 255, (4, 4, 3), np.uint8)))
save("discrete", env=Still(Discrete(3)))
save("multi-discrete", env=Still(MultiDiscrete([2, 3])))
save("dictionary", env=Still(Dict({"b": unit, "a": unit})), policy="MultiInputPolicy")
save("dictionary-of-pictures", env=Still(Dict({"a": Box(0, 255, (36, 36, 3), np.uint8)})), policy="MultiInputPolicy")
save("dictionary-of-choices", env=Still(Dict({"a": unit, "b": MultiDiscrete([2, 3])})), policy="MultiInputPolicy")
save("hindsight", env=Still(goals), policy="MultiInputPolicy", replay_buffer_class=HerReplayBuffer)
save("gsde", use_sde=True)
save("gsde-expln", use_sde=True, arguments={"use_expln": True})
save("gsde-clip", use_sde=True, arguments={"clip_mean": 1.0})
save("no-hidden-layers", arguments={"net_arch": []})
save("silu", arguments={"activation_fn": torch.nn.SiLU})
save("own-relu", arguments={"activation_fn": ReLU})
save("td3-no-hidden-layers", TD3, arguments={"net_arch": []})
A2C("MlpPolicy", pendulum, device="cpu").save(f"{folder}/a2c.zip")
