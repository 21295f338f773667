"""Trains a small Stable-Baselines3 agent, saves it, and prints what it computes.

Arguments: file to save to, activation (ReLU or Tanh), seed. Prints JSON: the versions, some observations, and for each
the deterministic action, mu and log sigma of the distribution, both critics' values of that action, and the temperature.
"""

import json
import sys

import stable_baselines3
import torch
from stable_baselines3 import SAC

path, activation, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(1)
model = SAC(
    "MlpPolicy",
    "Pendulum-v1",
    policy_kwargs={"net_arch": [32, 24], "activation_fn": getattr(torch.nn, activation)},
    learning_starts=50,
    batch_size=64,
    gamma=0.98,
    learning_rate=2e-3,
    seed=seed,
)
model.learn(300)
model.save(path)

observations = torch.randn(20, 3, generator=torch.Generator().manual_seed(seed)) * torch.tensor([1.0, 1.0, 4.0])
with torch.no_grad():
    mu, log_sigma, _ = model.actor.get_action_dist_params(observations)
    actions, _ = model.predict(observations.numpy(), deterministic=True)
    q1, q2 = model.critic(observations, torch.tanh(mu))
print(
    json.dumps(
        {
            "versions": {"stable-baselines3": stable_baselines3.__version__, "torch": torch.__version__},
            "observations": observations.tolist(),
            "actions": actions.tolist(),
            "mu": mu.tolist(),
            "logSigma": log_sigma.tolist(),
            "q1": q1.flatten().tolist(),
            "q2": q2.flatten().tolist(),
            "logAlpha": model.log_ent_coef.item(),
        }
    )
)
