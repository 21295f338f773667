"""Soft Actor-Critic in the order and manner of CleanRL's single file, which imports nothing that one could measure: its
package on PyPI holds a version of 2020 for a Gym and a PyBullet that no longer install, with layers of fixed width. What
costs time is as there: two critics with Adam's loops as PyTorch chooses them, the actor every second update and then
twice, log pi recomputed for the temperature, targets averaged parameter by parameter, gradients of the critics in the
actor's step left to be cleared later."""
import itertools

import torch
import torch.nn.functional as F

from plain_sac import GAMMA, TAU, PlainSac

POLICY_FREQUENCY = 2


class CleanRlSac(PlainSac):
    def __init__(self, env, hidden, batch, learning_rate, learning_starts, buffer_size):
        super().__init__(env, hidden, batch, learning_rate, learning_starts, buffer_size)
        self.optimizers = [
            torch.optim.Adam(parameters, learning_rate)
            for parameters in (self.critics.parameters(), self.actor.parameters(), [self.log_alpha])
        ]
        self.alpha, self.updates = 1.0, 0

    def update(self):
        s, a, r, s2, terminated = self.replay.sample(self.batch)
        q_optimizer, actor_optimizer, alpha_optimizer = self.optimizers
        q1, q2 = self.critics
        with torch.no_grad():
            a2, log_pi2 = self.policy(s2)
            targets = [target(torch.cat([s2, a2], 1)) for target in self.targets]
            next_q = torch.min(*targets) - self.alpha * log_pi2
            y = r.flatten() + (1 - terminated.flatten()) * GAMMA * next_q.view(-1)
        losses = [F.mse_loss(q(torch.cat([s, a], 1)).view(-1), y) for q in (q1, q2)]
        q_optimizer.zero_grad()
        sum(losses).backward()
        q_optimizer.step()

        self.updates += 1
        if self.updates % POLICY_FREQUENCY == 0:
            for _ in range(POLICY_FREQUENCY):
                pi, log_pi = self.policy(s)
                min_q = torch.min(q1(torch.cat([s, pi], 1)), q2(torch.cat([s, pi], 1)))
                actor_loss = (self.alpha * log_pi - min_q).mean()
                actor_optimizer.zero_grad()
                actor_loss.backward()
                actor_optimizer.step()

                with torch.no_grad():
                    _, log_pi = self.policy(s)
                alpha_loss = (-self.log_alpha.exp() * (log_pi + self.target_entropy)).mean()
                alpha_optimizer.zero_grad()
                alpha_loss.backward()
                alpha_optimizer.step()
                self.alpha = self.log_alpha.exp().item()

        pairs = itertools.chain(*(zip(q.parameters(), t.parameters()) for q, t in zip(self.critics, self.targets)))
        for parameter, target in pairs:
            target.data.copy_(TAU * parameter.data + (1 - TAU) * target.data)
