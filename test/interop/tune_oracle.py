"""What Optuna makes of the cases in a JSON file: densities, importances, stops, and how well its sampler searches."""

import json
import math
import os
import sys
import time
import warnings

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.samplers import TPESampler
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights
from optuna.trial import TrialState, create_trial

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
# Far from Greenwich, so that times without their zone are found out.
os.environ["TZ"] = "Asia/Tokyo"
time.tzset()


def distribution(part):
    if "choices" in part:
        return CategoricalDistribution(part["choices"])
    low, high, log, step = part["low"], part["high"], part.get("log", False), part.get("step")
    if step is not None and float(step).is_integer() and float(low).is_integer():
        return IntDistribution(low, high, log=log, step=int(step))
    return FloatDistribution(low, high, log=log, step=step)


def columns(space, points):
    return {
        name: np.array([part.to_internal_repr(point[name]) for point in points])
        for name, part in space.items()
    }


def density(case):
    space = {name: distribution(part) for name, part in case["space"].items()}
    parameters = _ParzenEstimatorParameters(1.0, True, False, default_weights, True)
    estimator = _ParzenEstimator(columns(space, case["points"]), space, parameters)
    mixture = estimator._mixture_distribution
    kernels = {}
    for name, part in zip(space, mixture.distributions):
        if hasattr(part, "mu"):
            kernels[name] = {"means": part.mu.tolist(), "deviations": part.sigma.tolist()}
        else:
            kernels[name] = {"probabilities": part.weights.tolist()}
    log_pdf = estimator.log_pdf(columns(space, case["probes"])).tolist()
    return {"weights": mixture.weights.tolist(), "kernels": kernels, "logDensities": log_pdf}


def importance(case):
    space = {name: distribution(part) for name, part in case["space"].items()}
    study = optuna.create_study(direction="maximize")
    for point, value in zip(case["points"], case["values"]):
        study.add_trial(create_trial(params=point, distributions=space, value=value))
    evaluator = PedAnovaImportanceEvaluator(target_quantile=case["quantile"])
    return get_param_importances(study, evaluator=evaluator)


def stops(case):
    """Trials that report one value after another in turn; which are stopped, and when."""
    pruner = optuna.pruners.SuccessiveHalvingPruner(
        min_resource=case["firstRung"], reduction_factor=case["reduction"]
    )
    study = optuna.create_study(direction="maximize", pruner=pruner)
    trials = [study.ask() for _ in case["curves"]]
    stopped = {}
    for number, step, value in case["reports"]:
        if number in stopped:
            continue
        trials[number].report(value, step)
        if trials[number].should_prune():
            study.tell(trials[number], state=TrialState.PRUNED)
            stopped[number] = step
    return stopped


def sphere(trial):
    return -sum(trial.suggest_float(f"x{i}", -5, 5) ** 2 for i in range(3))


def rates(trial):
    """Like learning rates and sizes: best at 3e-3, 0.99 and 128, in one of three ways."""
    rate = trial.suggest_float("rate", 1e-5, 1e-1, log=True)
    gamma = trial.suggest_float("gamma", 0.9, 1)
    size = trial.suggest_int("size", 16, 512, log=True)
    way = trial.suggest_categorical("way", ["a", "b", "c"])
    return (
        -(math.log10(rate / 3e-3) ** 2)
        - (20 * (gamma - 0.99)) ** 2
        - math.log2(size / 128) ** 2 / 4
        - {"a": 0, "b": 0.5, "c": 1}[way]
    )


def valley(trial):
    """Rosenbrock's, where settings depend on each other."""
    x, y = trial.suggest_float("x", -2, 2), trial.suggest_float("y", -1, 3)
    return -((1 - x) ** 2) - 100 * (y - x * x) ** 2


def search(case):
    best = {}
    for objective in (sphere, rates, valley):
        best[objective.__name__] = []
        for seed in range(case["seeds"]):
            study = optuna.create_study(direction="maximize", sampler=TPESampler(seed=seed))
            study.optimize(objective, n_trials=case["trials"])
            best[objective.__name__].append(study.best_value)
    return best


def journal(case):
    """What Optuna reads in a journal."""
    backend = optuna.storages.journal.JournalFileBackend(case["path"])
    study = optuna.load_study(study_name=case["study"], storage=optuna.storages.JournalStorage(backend))
    return {
        "direction": study.direction.name,
        "userAttributes": study.user_attrs,
        "best": study.best_trial.number,
        "trials": [
            {
                "number": trial.number,
                "state": trial.state.name,
                "value": trial.value,
                "params": trial.params,
                "distributions": {name: repr(part) for name, part in trial.distributions.items()},
                "reports": sorted(trial.intermediate_values.items()),
                "attributes": trial.user_attrs,
                "began": trial.datetime_start.timestamp(),
                "seconds": trial.duration.total_seconds() if trial.duration is not None else None,
            }
            for trial in study.trials
        ],
    }


def add(case):
    """Trials that Optuna makes in a study that it has not begun."""
    backend = optuna.storages.journal.JournalFileBackend(case["path"])
    study = optuna.load_study(
        study_name=case["study"],
        storage=optuna.storages.JournalStorage(backend),
        sampler=TPESampler(seed=1),
    )
    space = {name: distribution(part) for name, part in case["space"].items()}
    added = []
    for i in range(case["count"]):
        trial = study.ask(space)
        trial.report(i, 1)
        study.tell(trial, i / 8)
        added.append({"params": trial.params, "value": i / 8})
    return {"added": added}


with open(sys.argv[1]) as file:
    cases = json.load(file)
print(json.dumps([globals()[case["what"]](case) for case in cases]))
