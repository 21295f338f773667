"""Steps of FetchReach-v4 as Python itself takes them, and rewards for other goals: reads and prints JSON."""

import json
import sys

import gymnasium
import gymnasium_robotics
import numpy as np

gymnasium.register_envs(gymnasium_robotics)
request = json.load(sys.stdin)
env = gymnasium.make("FetchReach-v4", reward_type=request["reward_type"])


def flat(observation):
    return np.concatenate([observation[key] for key in ("observation", "achieved_goal", "desired_goal")]).tolist()


observations = [flat(env.reset(seed=3)[0])]
rewards, successes = [], []
for action in request["actions"]:
    observation, reward, _, truncated, info = env.step(np.array(action, np.float32))
    observations.append(flat(observation))
    rewards.append(float(reward))
    successes.append(float(info["is_success"]))
    if truncated:
        observations.append(flat(env.reset()[0]))
every = np.array(observations)
achieved, desired = every[:, -6:-3], every[::-1, -3:].copy()
desired[1::2] = achieved[1::2]
others = [float(env.unwrapped.compute_reward(a, d, {})) for a, d in zip(achieved, desired)]
json.dump({"observations": observations, "rewards": rewards, "successes": successes, "others": others}, sys.stdout)
