"""Soft Actor-Critic in plain PyTorch, from the equations of Haarnoja et al. 2018 (arXiv:1812.05905), as one would
write it for speed on a processor: fused Adam, averaging over all tensors at once, no unused gradients."""
import copy
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

GAMMA, TAU = 0.99, 0.005
LOG_SIGMA_MIN, LOG_SIGMA_MAX = -20.0, 2.0


def mlp(sizes):
    layers = []
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        layers.append(nn.Linear(inputs, outputs))
        if i < len(sizes) - 2:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


class Replay:
    """A ring of transitions in NumPy arrays."""

    def __init__(self, capacity, n, m):
        self.arrays = [np.zeros((capacity, k), np.float32) for k in (n, m, 1, n, 1)]
        self.capacity, self.size, self.at = capacity, 0, 0

    def add(self, *values):
        for array, value in zip(self.arrays, values):
            array[self.at] = value
        self.at = (self.at + 1) % self.capacity
        self.size = min(self.size + 1, self.capacity)

    def sample(self, batch):
        rows = np.random.randint(0, self.size, batch)
        return [torch.from_numpy(array[rows]) for array in self.arrays]


class PlainSac:
    def __init__(self, env, hidden, batch, learning_rate, learning_starts, buffer_size):
        n, m = env.observation_space.shape[0], env.action_space.shape[0]
        self.env, self.batch, self.learning_starts = env, batch, learning_starts
        self.low, self.high = env.action_space.low, env.action_space.high
        self.actor = mlp([n, *hidden, 2 * m])
        self.critics = nn.ModuleList(mlp([n + m, *hidden, 1]) for _ in range(2))
        self.targets = copy.deepcopy(self.critics).requires_grad_(False)
        self.log_alpha = torch.zeros(1, requires_grad=True)
        self.target_entropy = -m
        self.optimizers = [
            torch.optim.Adam(parameters, learning_rate, fused=True)
            for parameters in (self.critics.parameters(), self.actor.parameters(), [self.log_alpha])
        ]
        self.averaged = list(self.critics.parameters()), list(self.targets.parameters())
        self.replay = Replay(buffer_size, n, m)
        self.steps, self.observation = 0, None

    def policy(self, s):
        """A sample a = tanh(mu + sigma xi) and its log pi."""
        mu, log_sigma = self.actor(s).chunk(2, dim=1)
        log_sigma = log_sigma.clamp(LOG_SIGMA_MIN, LOG_SIGMA_MAX)
        xi = torch.randn_like(mu)
        u = mu + log_sigma.exp() * xi
        log_prob = -xi.square() / 2 - log_sigma - 0.5 * math.log(2 * math.pi)
        log_prob = log_prob - 2 * (math.log(2) - u - F.softplus(-2 * u))
        return torch.tanh(u), log_prob.sum(1, keepdim=True)

    def update(self):
        s, a, r, s2, terminated = self.replay.sample(self.batch)
        critic_optimizer, actor_optimizer, alpha_optimizer = self.optimizers
        alpha = self.log_alpha.exp().detach()
        with torch.no_grad():
            a2, log_prob2 = self.policy(s2)
            x2 = torch.cat([s2, a2], 1)
            q2 = torch.min(*(target(x2) for target in self.targets))
            y = r + GAMMA * (1 - terminated) * (q2 - alpha * log_prob2)
        x = torch.cat([s, a], 1)
        critic_loss = sum(F.mse_loss(critic(x), y) for critic in self.critics)
        critic_optimizer.zero_grad()
        critic_loss.backward()
        critic_optimizer.step()

        self.critics.requires_grad_(False)
        sample, log_prob = self.policy(s)
        q = torch.min(*(critic(torch.cat([s, sample], 1)) for critic in self.critics))
        actor_loss = (alpha * log_prob - q).mean()
        actor_optimizer.zero_grad()
        actor_loss.backward()
        actor_optimizer.step()
        self.critics.requires_grad_(True)

        alpha_loss = -(self.log_alpha * (log_prob.detach() + self.target_entropy)).mean()
        alpha_optimizer.zero_grad()
        alpha_loss.backward()
        alpha_optimizer.step()
        with torch.no_grad():
            critics, targets = self.averaged
            torch._foreach_lerp_(targets, critics, TAU)

    def act(self, observation, deterministic=True):
        with torch.no_grad():
            s = torch.as_tensor(observation, dtype=torch.float32)[None]
            unit = torch.tanh(self.actor(s).chunk(2, dim=1)[0]) if deterministic else self.policy(s)[0]
        return self.low + (unit.numpy()[0] + 1) / 2 * (self.high - self.low)

    def train(self, steps):
        for _ in range(steps):
            if self.observation is None:
                self.observation, _ = self.env.reset()
            random = self.steps < self.learning_starts
            action = self.env.action_space.sample() if random else self.act(self.observation, False)
            following, reward, terminated, truncated, _ = self.env.step(action)
            unit = 2 * (action - self.low) / (self.high - self.low) - 1
            self.replay.add(self.observation, unit, reward, following, terminated)
            self.observation = None if terminated or truncated else following
            self.steps += 1
            if self.steps > self.learning_starts:
                self.update()
