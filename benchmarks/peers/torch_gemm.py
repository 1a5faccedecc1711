"""GFLOP/s of square float32 products of PyTorch on one thread: torch_gemm.py <size>...; one JSON line for each."""

import json
import sys
import time

import torch

torch.set_num_threads(1)
for size in map(int, sys.argv[1:]):
    a, b = torch.randn(size, size), torch.randn(size, size)
    least = float("inf")
    begin = time.perf_counter()
    while time.perf_counter() - begin < 1:
        start = time.perf_counter()
        torch.mm(a, b)
        least = min(least, time.perf_counter() - start)
    gflops = round(2 * size**3 / least / 1e9, 2)
    print(json.dumps({"peer": "torch", "case": f"gemm {size}", "threads": 1, "gflops": gflops}))
