"""Trains a small agent of TD3, DDPG or TQC, saves it, and prints what it computes.

Arguments: file to save to, td3, ddpg or tqc, and a seed. Prints JSON: some observations, and for each the deterministic
action, what each critic and each target critic gives for it, and for TD3 and DDPG the target actor's action; for TQC the
logarithm of the temperature. For TD3 and DDPG also what is so after four more updates with fresh optimisers on a replay
buffer of a single transition, in which nothing is random.
"""

import json
import sys

import numpy as np
import torch
from sb3_contrib import TQC
from stable_baselines3 import DDPG, TD3
from stable_baselines3.common.buffers import ReplayBuffer
from stable_baselines3.common.noise import NormalActionNoise, OrnsteinUhlenbeckActionNoise

path, name, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(1)
zeros = np.zeros(1)
algorithm, settings, networks = {
    "td3": (
        TD3,
        {"policy_delay": 3, "target_policy_noise": 0.0, "action_noise": NormalActionNoise(zeros, zeros + 0.3)},
        {"net_arch": {"pi": [8], "qf": [7, 6]}, "activation_fn": torch.nn.Tanh},
    ),
    "ddpg": (
        DDPG,
        {"action_noise": OrnsteinUhlenbeckActionNoise(zeros, zeros + 0.5, theta=0.2, dt=0.25)},
        {"net_arch": [8, 6]},
    ),
    "tqc": (
        TQC,
        {"top_quantiles_to_drop_per_net": 1, "gradient_steps": 2},
        {"net_arch": [8, 6], "n_critics": 3, "n_quantiles": 5},
    ),
}[name]
model = algorithm(
    "MlpPolicy",
    "Pendulum-v1",
    policy_kwargs=networks,
    buffer_size=300,
    learning_starts=50,
    batch_size=16,
    learning_rate=2e-3,
    seed=seed,
    device="cpu",
    **settings,
)
model.learn(210)
model.save(path)

generator = torch.Generator().manual_seed(seed)
observations = torch.randn(20, 3, generator=generator) * torch.tensor([1.0, 1.0, 4.0])
has_target_actor = name != "tqc"


def values(critic, unit_actions):
    """[critics, observations, quantiles]; one quantile where there are none."""
    each = critic(observations, unit_actions)
    return (each.transpose(0, 1) if name == "tqc" else torch.stack(each)).tolist()


def computed():
    with torch.no_grad():
        unit_actions = model.actor(observations, deterministic=True) if name == "tqc" else model.actor(observations)
        return {
            "actions": model.predict(observations.numpy(), deterministic=True)[0].tolist(),
            "unitActions": unit_actions.tolist(),
            "q": values(model.critic, unit_actions),
            "targetQ": values(model.critic_target, unit_actions),
            **({"targetActions": model.actor_target(observations).tolist()} if has_target_actor else {}),
        }


result = {"observations": observations.tolist(), **computed()}
if has_target_actor:
    for network in (model.actor, model.critic):
        network.optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    model._n_updates = 0
    model.replay_buffer = ReplayBuffer(4, model.observation_space, model.action_space)
    before, after = np.array([[1.0, 0.0, 0.5]], np.float32), np.array([[0.9, 0.1, 0.7]], np.float32)
    model.replay_buffer.add(before, after, np.array([[0.5]], np.float32), np.array([-1.5]), np.zeros(1), [{}])
    model.train(4, batch_size=16)
    result["resumed"] = computed()
else:
    result["logAlpha"] = model.log_ent_coef.item()
print(json.dumps(result))
