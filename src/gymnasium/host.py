"""Hosts environments of Gymnasium for the process that started it.

Frames travel over standard input and output, in the machine's byte order: two uint32, the length of a JSON text and
how many float64 follow it; then the text, then these numbers. A request's text is a list of calls, each
[name, count of its numbers, arguments...]; the reply's is a list of their results in the same order, each
[count of its numbers, result]. Ends when standard input does.
"""

import json
import os
import signal
import struct
import sys
import traceback

# Ctrl-C reaches every process of a terminal, and the other side decides when this one ends.
signal.signal(signal.SIGINT, signal.SIG_IGN)
# The user's own environments are found where the user is, not where this file is.
sys.path[0] = os.getcwd()
# Before anything else is imported: what it prints goes to standard error, and it has nothing to read.
requests = os.fdopen(os.dup(0), "rb")
replies = os.fdopen(os.dup(1), "wb")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.dup2(2, 1)

try:
    import gymnasium
    import numpy
except ImportError as error:
    missing = error
else:
    missing = None

HEADER = struct.Struct("=II")

# Keys of a Dict of observations that are goals, in the order in which the other side expects them at its end.
GOALS = "achieved_goal", "desired_goal"


class Unsuitable(Exception):
    """Something the user must change; the message says it all."""


# The environments, by the numbers that the other side gives them.
environments = {}


def make(number, name, options):
    try:
        env = environments[number] = gymnasium.make(name, **options)
    except (gymnasium.error.Error, ImportError) as error:
        # An unknown id, or a module or package that is not there.
        raise Unsuitable(str(error)) from error
    action = env.action_space
    leaves = [flat_space(leaf, where) for where, leaf in leaves_of(env.observation_space)]
    bounds = [numpy.concatenate([leaf.low.ravel() for leaf in leaves])]
    bounds += [numpy.concatenate([leaf.high.ravel() for leaf in leaves])]
    shapes = {"observationShape": leaves[0].shape if len(leaves) == 1 else bounds[0].shape}
    if has_goals(env):
        shapes["goalSize"] = int(numpy.prod(env.observation_space["achieved_goal"].shape))
    if isinstance(action, gymnasium.spaces.Discrete):
        return bounds, {**shapes, "choices": [int(action.n)], "start": [int(action.start)]}
    if isinstance(action, gymnasium.spaces.MultiDiscrete):
        counts, start = action.nvec.ravel(), action.start.ravel()
        return bounds, {**shapes, "choices": counts.tolist(), "start": start.tolist()}
    require_numbers(action)
    return [*bounds, action.low, action.high], {**shapes, "actionShape": action.shape}


def has_goals(env):
    """Whether it has goals and computes rewards for others, as GoalEnv of Gymnasium-Robotics says."""
    space = env.observation_space
    if not isinstance(space, gymnasium.spaces.Dict) or not all(key in space.spaces for key in GOALS):
        return False
    achieved, desired = (space[key] for key in GOALS)
    is_box = isinstance(achieved, gymnasium.spaces.Box) and isinstance(desired, gymnasium.spaces.Box)
    return is_box and achieved.shape == desired.shape and env.has_wrapper_attr("compute_reward")


def parts_of(space):
    """The parts of a Dict by their keys, in the order of the space, but goals come last."""
    goals = [key for key in GOALS if all(key in space.spaces for key in GOALS)]
    keys = [key for key in space.spaces if key not in goals] + goals
    return [(key, space.spaces[key]) for key in keys]


def leaves_of(space, where="observation"):
    """The parts of an observation space that hold numbers, each with its place, in the order of the space."""
    if isinstance(space, gymnasium.spaces.Dict):
        return [leaf for key, part in parts_of(space) for leaf in leaves_of(part, f"{where}[{key!r}]")]
    if isinstance(space, gymnasium.spaces.Tuple):
        return [leaf for i, part in enumerate(space.spaces) for leaf in leaves_of(part, f"{where}[{i}]")]
    return [(where, space)]


def flat_space(space, where):
    """The box in which the numbers of a part are: its own, or of choices one element, 0 or 1, for each."""
    if isinstance(space, gymnasium.spaces.Box):
        is_image = space.dtype == numpy.uint8 and len(space.shape) > 1 and space.low.min() == 0 and space.high.max() == 255
        if is_image:
            remedy = "wrap it in one that gives numbers made of the picture, such as an encoder's output"
            raise Unsuitable(f"its {where} is a picture of shape {space.shape}, and pixels are not supported: {remedy}")
        return space
    kinds = gymnasium.spaces.Discrete, gymnasium.spaces.MultiDiscrete, gymnasium.spaces.MultiBinary
    if isinstance(space, kinds):
        return gymnasium.spaces.utils.flatten_space(space)
    raise Unsuitable(
        f"its {where} space is {space}, which is no flat vector of always the same size: "
        "wrap it in one with a Box, or a Dict or Tuple of them"
    )


def flat_numbers(space, observation, where="observation"):
    """The numbers of an observation, part by part as `leaves_of` has them."""
    if isinstance(space, gymnasium.spaces.Dict):
        if not isinstance(observation, dict) or set(observation) != set(space.spaces):
            found = list(observation) if isinstance(observation, dict) else type(observation).__name__
            raise Unsuitable(f"the {where} has {found} where its space has {list(space.spaces)}")
        parts = [flat_numbers(part, observation[key], f"{where}[{key!r}]") for key, part in parts_of(space)]
        return numpy.concatenate(parts)
    if isinstance(space, gymnasium.spaces.Tuple):
        if not isinstance(observation, (tuple, list)) or len(observation) != len(space.spaces):
            raise Unsuitable(f"the {where} is {observation!r}, not a tuple of {len(space.spaces)} parts")
        parts = [flat_numbers(part, observation[i], f"{where}[{i}]") for i, part in enumerate(space.spaces)]
        return numpy.concatenate(parts)
    if isinstance(space, gymnasium.spaces.Box):
        return numbers_in(space, observation, where).ravel()
    if not space.contains(observation):
        raise Unsuitable(f"the {where} is {observation!r}, which is not of its space, {space}")
    return gymnasium.spaces.utils.flatten(space, observation).astype(numpy.float64)


def require_numbers(space):
    if isinstance(space, gymnasium.spaces.MultiBinary):
        remedy = f"make it MultiDiscrete([2] * {space.n})"
    elif isinstance(space, gymnasium.spaces.Box):
        remedy = "give it real numbers, which the environment may round, or make it Discrete or MultiDiscrete"
    else:
        remedy = "wrap the environment so that it takes numbers alone or choices alone"
    if not isinstance(space, gymnasium.spaces.Box):
        raise Unsuitable(f"its action space is {space}, and only Box, Discrete and MultiDiscrete can be used: {remedy}")
    if not numpy.issubdtype(space.dtype, numpy.floating):
        raise Unsuitable(f"its actions are of type {space.dtype}: {remedy}")


def reset(number, options):
    env = environments[number]
    observation, info = env.reset(**options)
    return [flat_numbers(env.observation_space, observation)], {"info": scalars(info)}


def step(number, action):
    env = environments[number]
    observation, reward, terminated, truncated, info = env.step(action_for(env.action_space, action))
    flags = {"terminated": flag("terminated", terminated), "truncated": flag("truncated", truncated)}
    return [flat_numbers(env.observation_space, observation), number_in(reward)], {**flags, "info": scalars(info)}


def compute_rewards(number, goals):
    """Rewards for achieved goals, which come first, where desired ones were the goal."""
    env = environments[number]
    space = env.observation_space["achieved_goal"]
    achieved, desired = goals.reshape(2, -1, *space.shape).astype(space.dtype)
    rewards = numpy.asarray(env.get_wrapper_attr("compute_reward")(achieved, desired, [{}] * len(achieved)))
    if rewards.shape != (len(achieved),) or rewards.dtype.kind not in "iuf":
        raise Unsuitable(
            f"compute_reward returned {rewards.dtype} of shape {rewards.shape} for {len(achieved)} pairs of goals, "
            f"not {len(achieved)} numbers: let it compute with arrays of goals, as numpy does"
        )
    return [rewards], {}


def action_for(space, action):
    """The action in the type and shape of the space: a copy, because the environment may keep it."""
    if isinstance(space, gymnasium.spaces.Discrete):
        return space.dtype.type(action[0])
    action = action.reshape(space.shape)
    if isinstance(space, gymnasium.spaces.Box) and space.dtype.itemsize > 4:
        # The other side has the bounds in float32. Some were rounded to values outside the space: each means the bound.
        for bound in space.low, space.high:
            action = numpy.where(action.astype(numpy.float32) == bound.astype(numpy.float32), bound, action)
    return action.astype(space.dtype)


def numbers_in(space, observation, where):
    """The observation if it is an array of numbers, of the shape of its space; nothing is converted into numbers."""
    values = numpy.asarray(observation)
    if values.dtype.kind not in "iuf" and values.dtype != space.dtype:
        raise Unsuitable(f"the {where} holds values of type {values.dtype}, not numbers")
    if values.shape != space.shape:
        raise Unsuitable(f"the {where} has shape {values.shape}, not {space.shape} as its space has")
    return values


def number_in(reward):
    value = numpy.asarray(reward)
    if value.shape != ():
        elements = f"{value.size} element{'' if value.size == 1 else 's'}"
        raise Unsuitable(f"the reward has {elements}: it must be one number, not an array of shape {value.shape}")
    if value.dtype.kind not in "iuf":
        raise Unsuitable(f"the reward is {reward!r}, not a number")
    return value


def flag(name, value):
    # NumPy has truth values of its own.
    if numpy.asarray(value).dtype != bool or numpy.shape(value) != ():
        raise Unsuitable(f"{name} is {value!r}, neither True nor False")
    return bool(value)


def scalars(info):
    """The numbers, truth values and texts of an info; NaN and infinity, which JSON lacks, become null."""
    plain = {}
    for name, value in info.items():
        if isinstance(value, (numpy.generic, numpy.ndarray)) and value.shape == ():
            value = value.item()
        if isinstance(value, float) and not numpy.isfinite(value):
            value = None
        if value is None or isinstance(value, (bool, int, float, str)):
            plain[str(name)] = value
    return plain


CALLS = {"make": make, "reset": reset, "step": step, "computeRewards": compute_rewards}


def answer(name, arguments):
    """What a call returns: arrays of numbers, and a result that JSON can hold."""
    try:
        if missing:
            version = ".".join(map(str, sys.version_info[:3]))
            raise Unsuitable(
                f"the Python {version} at {sys.executable} has no package {missing.name}: install it with "
                f"'{sys.executable} -m pip install gymnasium', or name another Python with the option python "
                "or the environment variable SAC_PYTHON"
            )
        arrays, result = CALLS[name](*arguments)
        return [numpy.asarray(array, dtype=numpy.float64).tobytes() for array in arrays], result
    except Unsuitable as error:
        return [], {"error": str(error)}
    except Exception as error:
        if name != "make":
            traceback.print_exc()
        return [], {"error": describe(error)}


def describe(error):
    """An exception in one line, with the place it came from unless that is Gymnasium itself."""
    while error.__cause__:
        error = error.__cause__
    frame = traceback.extract_tb(error.__traceback__)[-1]
    of_gymnasium = frame.filename.startswith(os.path.dirname(gymnasium.__file__))
    place = "" if of_gymnasium else f" ({os.path.basename(frame.filename)}, line {frame.lineno}, in {frame.name})"
    return f"{type(error).__name__}: {error}{place}"


def serve():
    while header := requests.read(HEADER.size):
        text_size, count = HEADER.unpack(header)
        calls = json.loads(requests.read(text_size))
        data = requests.read(8 * count)
        start = 0
        results, chunks = [], []
        for name, size, *arguments in calls:
            if size > 0:
                arguments.append(numpy.frombuffer(data, numpy.float64, size, start))
                start += 8 * size
            arrays, result = answer(name, arguments)
            results.append([sum(map(len, arrays)) // 8, result])
            chunks += arrays
        text = json.dumps(results).encode()
        replies.write(HEADER.pack(len(text), sum(map(len, chunks)) // 8))
        replies.write(text)
        replies.write(b"".join(chunks))
        replies.flush()


serve()
for env in environments.values():
    env.close()
