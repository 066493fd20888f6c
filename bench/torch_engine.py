"""One measurement of PyTorch on a workload of bench/workloads.ts: torch_engine.py WORKLOAD THREADS SECONDS [BEGIN].

Prints the same JSON as bench/engine-step.ts. The layers, the batch, the loss and Adam's settings are the same; the random
numbers are not, so losses compare in kind only.
"""
import hashlib
import json
import resource
import sys
import time

BEGIN = float(sys.argv[4]) / 1e3 if len(sys.argv) > 4 else time.time()

import torch  # noqa: E402  (its import is part of the time to the first step)
from torch import nn  # noqa: E402
import torch.nn.functional as F  # noqa: E402

BATCH = 128
WARM_UP = 3
LEAST_STEPS = 3
FLOPS = {'cnn': 148.3e6, 'mlp': 3.21e6, 'vae': 9.75e6, 'resnet20': 242.4e6, 'bncnn': 148.3e6}


def classifier(layers, *image):
    x, y = torch.rand(BATCH, *image), torch.randint(0, 10, (BATCH,))
    net = nn.Sequential(*layers)
    return list(net.parameters()), lambda: F.cross_entropy(net(x), y)


def cnn():
    def conv(a, b):
        return [nn.Conv2d(a, b, 3, padding=1), nn.ReLU()]

    pool = [nn.MaxPool2d(2)]
    layers = conv(3, 32) + conv(32, 32) + pool + conv(32, 64) + conv(64, 64) + pool
    head = [nn.Flatten(), nn.Linear(4096, 128), nn.ReLU(), nn.Linear(128, 10)]
    return classifier(layers + head, 3, 32, 32)


class Block(nn.Module):
    """Two normalised convolutions and a shortcut: He et al. 2016, section 4.2, option A."""

    def __init__(self, a, b, stride):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b))
        self.more, self.stride = (b - a) // 2, stride

    def forward(self, x):
        short = x if self.stride == 1 else F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.more, self.more))
        return F.relu(self.second(self.first(x)) + short)


def resnet20():
    layers = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    sizes = [(16, 16, 1)] * 3 + [(16, 32, 2)] + [(32, 32, 1)] * 2 + [(32, 64, 2)] + [(64, 64, 1)] * 2
    layers += [Block(*size) for size in sizes]
    return classifier(layers + [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)], 3, 32, 32)


def bncnn():
    def conv(a, b):
        return [nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU()]

    pool = [nn.MaxPool2d(2)]
    layers = conv(3, 32) + conv(32, 32) + pool + conv(32, 64) + conv(64, 64) + pool
    head = [nn.Flatten(), nn.Linear(4096, 128), nn.ReLU(), nn.Linear(128, 10)]
    return classifier(layers + head, 3, 32, 32)


def mlp():
    layers = [nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)]
    return classifier(layers, 784)


def vae():
    sizes = [(784, 1024), (1024, 128), (128, 128), (64, 128), (128, 1024), (1024, 784)]
    layers = nn.ModuleList([nn.Linear(a, b) for a, b in sizes])
    x, noise = (torch.rand(BATCH, 784) < 0.2).float(), torch.randn(BATCH, 64)

    def loss():
        hidden = F.relu(layers[1](F.relu(layers[0](x))))
        mean, log_variance = layers[2](hidden).split(64, 1)
        z = mean + torch.exp(0.5 * log_variance) * noise
        logits = layers[5](F.relu(layers[4](F.relu(layers[3](z)))))
        reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction='sum')
        divergence = -0.5 * (1 + log_variance - mean * mean - log_variance.exp()).sum()
        return (reconstruction + divergence) / BATCH

    return list(layers.parameters()), loss


def peak(seconds):
    """The best rate of a product of square matrices of 1536 rows, in GFLOP/s."""
    size = 1536
    a, b = torch.ones(size, size), torch.ones(size, size)
    best, start = float('inf'), time.perf_counter()
    while time.perf_counter() - start < seconds:
        begin = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - begin)
    return 2 * size**3 / best / 1e9


def measure(name, seconds):
    torch.manual_seed(1234)
    parameters, loss = {'cnn': cnn, 'mlp': mlp, 'vae': vae, 'resnet20': resnet20, 'bncnn': bncnn}[name]()
    optimizer = torch.optim.Adam(parameters, 1e-3)

    def train():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        return value.item()

    losses = [train()]
    first = time.time() - BEGIN
    while len(losses) < WARM_UP:
        losses.append(train())
    digest = hashlib.sha256()
    for parameter in parameters:
        digest.update(parameter.detach().contiguous().numpy().tobytes())
    times, start = [], time.perf_counter()
    while len(times) < LEAST_STEPS or time.perf_counter() - start < seconds:
        begin = time.perf_counter()
        losses.append(train())
        times.append(time.perf_counter() - begin)
    times.sort()
    median = times[len(times) // 2]
    return {
        'workload': name,
        'ms': median * 1e3,
        'fastest': times[0] * 1e3,
        'imagesPerSecond': BATCH / median,
        'gflops': FLOPS[name] * BATCH / median / 1e9,
        'firstStepMs': round(first * 1e3),
        'residentMb': round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
        'firstLoss': losses[0],
        'lastLoss': losses[-1],
        'hash': digest.hexdigest()[:12],
    }


def main():
    name, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    torch.set_num_threads(threads)
    result = {'gflops': peak(seconds)} if name == 'peak' else measure(name, seconds)
    print(json.dumps({'engine': f'torch-{threads}', 'simd': torch.__version__, **result}))


main()
