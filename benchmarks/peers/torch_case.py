"""One case of PyTorch in a process of its own: torch_case.py <case> <threads> <seconds>; prints one JSON line."""

import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional

name, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(0)


class LastOfLstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5000, 64)
        self.lstm = nn.LSTM(64, 128, batch_first=True)
        self.dense = nn.Linear(128, 2)

    def forward(self, x):
        outputs, _ = self.lstm(self.embedding(x))
        return self.dense(outputs[:, -1])


def mlp(*sizes):
    layers = []
    for size, following in zip(sizes, sizes[1:]):
        layers += [nn.Linear(size, following), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10),
    )


def classes(count, below):
    return torch.randint(0, below, (count,))


CASES = {
    "linreg": (lambda: nn.Linear(1, 1), lambda: (torch.randn(32, 1), torch.randn(32, 1))),
    "mlp_small": (lambda: mlp(4, 32, 3), lambda: (torch.randn(32, 4), classes(32, 3))),
    "mlp_mnist": (lambda: mlp(784, 512, 512, 10), lambda: (torch.randn(128, 784), classes(128, 10))),
    "cnn_mnist": (cnn, lambda: (torch.randn(128, 1, 28, 28), classes(128, 10))),
    "lstm_text": (LastOfLstm, lambda: (torch.randint(0, 5000, (32, 80)), classes(32, 2))),
}

build, make_data = CASES[name]
model, (x, y) = build(), make_data()
loss_of = functional.mse_loss if name == "linreg" else functional.cross_entropy
parameters = model.parameters()
optimizer = (
    torch.optim.SGD(parameters, 0.01) if name == "linreg" else torch.optim.Adam(parameters, 1e-3)
)


def step():
    optimizer.zero_grad(set_to_none=True)
    loss_of(model(x), y).backward()
    optimizer.step()


def timed(run, seconds):
    """Minimum and median milliseconds, in groups long enough for the clock."""
    run()
    begin, count = time.perf_counter(), 0
    while time.perf_counter() - begin < min(0.5, seconds / 2):
        run()
        count += 1
    group = max(1, count // 2)
    times = []
    begin = time.perf_counter()
    while len(times) < 5 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        for _ in range(group):
            run()
        times.append(1000 * (time.perf_counter() - start) / group)
    times.sort()
    return times[0], times[len(times) // 2]


start = time.perf_counter()
step()
first = 1000 * (time.perf_counter() - start)
least, median = timed(step, seconds)
model.eval()
with torch.no_grad():
    _, inference = timed(lambda: model(x), seconds / 4)

print(json.dumps({
    "peer": "torch",
    "case": name,
    "threads": threads,
    "train_ms": round(least, 4),
    "train_median_ms": round(median, 4),
    "infer_ms": round(inference, 4),
    "compile_ms": 0,
    "first_step_ms": round(first, 2),
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
}))
