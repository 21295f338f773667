"""Trains a small Stable-Baselines3 agent, saves it, and prints what it computes.

Arguments: file to save to, activation (ReLU or Tanh), seed, and perhaps "normalize": in VecNormalize, which is saved under
the same name with .pkl, or "gsde": with state-dependent noise. Prints JSON: the versions, some observations, and for each the deterministic action, mu and log
sigma of the distribution, both critics' values of that action, and the temperature; with VecNormalize also its statistics.
"""

import json
import sys

import stable_baselines3
import torch
from stable_baselines3 import SAC
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import VecNormalize

path, activation, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
normalizes = sys.argv[4:] == ["normalize"]
has_sde = sys.argv[4:] == ["gsde"]
torch.set_num_threads(1)
env = make_vec_env("Pendulum-v1")
if normalizes:
    env = VecNormalize(env, gamma=0.98)
model = SAC(
    "MlpPolicy",
    env,
    policy_kwargs={"net_arch": [32, 24], "activation_fn": getattr(torch.nn, activation)},
    learning_starts=50,
    batch_size=64,
    gamma=0.98,
    learning_rate=2e-3,
    seed=seed,
    use_sde=has_sde,
)
model.learn(300)
model.save(path)

raw = torch.randn(20, 3, generator=torch.Generator().manual_seed(seed)) * torch.tensor([1.0, 1.0, 4.0])
observations = raw
statistics = None
if normalizes:
    env.save(path.replace(".zip", ".pkl"))
    observations = torch.as_tensor(env.normalize_obs(raw.numpy()))
    statistics = {
        "mean": env.obs_rms.mean.tolist(),
        "variance": env.obs_rms.var.tolist(),
        "rewardScale": float(env.normalize_reward(1.0)),
    }
with torch.no_grad():
    mu, log_sigma, features = model.actor.get_action_dist_params(observations)
    if has_sde:
        distribution = model.actor.action_dist.proba_distribution(mu, log_sigma, features["latent_sde"])
        log_sigma = distribution.distribution.scale.log()
    actions, _ = model.predict(observations.numpy(), deterministic=True)
    q1, q2 = model.critic(observations, torch.tanh(mu))
print(
    json.dumps(
        {
            "versions": {"stable-baselines3": stable_baselines3.__version__, "torch": torch.__version__},
            "observations": raw.tolist(),
            "actions": actions.tolist(),
            "mu": mu.tolist(),
            "logSigma": log_sigma.tolist(),
            "q1": q1.flatten().tolist(),
            "q2": q2.flatten().tolist(),
            "logAlpha": model.log_ent_coef.item(),
            "statistics": statistics,
        }
    )
)
