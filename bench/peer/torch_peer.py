# PyTorch's side of the comparison: takes a case a line, then times it on demand.
"""Protocol: the first line out names the peer. A line `KIND EXTENTS... forward|backward` prepares a
case and is answered with the form that was the faster; `time SECONDS` with the seconds of one call,
the median over a stretch of that length."""

import statistics
import sys
import time

import torch
import torch.nn.functional as F

THREADS = int(sys.argv[1])


def stretch(call, seconds):
    times = []
    start = time.perf_counter()
    now = start
    while now < start + seconds or len(times) < 3:
        call()
        after = time.perf_counter()
        times.append(after - now)
        now = after
    return statistics.median(times)


def gemm(m, n, k, backward):
    a, b, c = torch.randn(m, k), torch.randn(k, n), torch.randn(m, n)
    if not backward:
        return {"contiguous": lambda: torch.mm(a, b, out=c)}
    da, db = torch.empty(m, k), torch.empty(k, n)

    def call():
        torch.mm(c, b.t(), out=da)
        torch.mm(a.t(), c, out=db)

    return {"contiguous": call}


def conv(n, size, channels, filters, backward):
    forms = {}
    for name, layout in (
        ("contiguous", torch.contiguous_format),
        ("channels-last", torch.channels_last),
    ):
        x = torch.randn(n, channels, size, size).contiguous(memory_format=layout)
        dy = torch.randn(n, filters, size, size).contiguous(memory_format=layout)
        weight = torch.randn(filters, channels, 3, 3).contiguous(memory_format=layout)
        bias = torch.randn(filters)
        if backward:
            forms[name] = lambda x=x, dy=dy, weight=weight: torch.ops.aten.convolution_backward(
                dy, x, weight, [filters], [1, 1], [1, 1], [1, 1], False, [0, 0], 1,
                [True, True, False],
            )
        else:
            forms[name] = lambda x=x, weight=weight, bias=bias: F.conv2d(x, weight, bias, 1, 1)
    return forms


def attention(n, heads, queries, keys, width, backward):
    def operand(length):
        whole = torch.randn(n, length, heads * width, requires_grad=backward)
        return whole, whole.view(n, length, heads, width).transpose(1, 2)

    (q, qh), (k, kh), (v, vh) = operand(queries), operand(keys), operand(keys)
    if not backward:
        return {"fused": lambda: F.scaled_dot_product_attention(qh, kh, vh)}
    out = F.scaled_dot_product_attention(qh, kh, vh)
    dout = torch.randn(n, queries, heads * width).view(n, queries, heads, width).transpose(1, 2)
    return {"fused": lambda: torch.autograd.grad(out, (q, k, v), dout, retain_graph=True)}


def main():
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
    call = None
    for line in sys.stdin:
        words = line.split()
        if words[0] == "time":
            print(stretch(call, float(words[1])), flush=True)
            continue
        extents = [int(word) for word in words[1:-1]]
        forms = {"gemm": gemm, "conv": conv, "attention": attention}[words[0]](
            *extents, words[-1] == "backward"
        )
        grad = torch.enable_grad() if words[0] == "attention" else torch.no_grad()
        with grad:
            fastest = min(forms, key=lambda form: (stretch(forms[form], 1), form))
        call = forms[fastest]
        print(fastest, flush=True)


main()
