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


def linear(x, weight):
    """x weight^T by oneDNN; torch.mm is MKL's, which keeps to AVX2 on AMD's processors."""
    return torch.ops.mkldnn._linear_pointwise(x, weight, None, "none", [], "")


def gemm(m, n, k, backward):
    a, b, c = torch.randn(m, k), torch.randn(k, n), torch.randn(m, n)
    # The same product as a convolution of 1x1 taps over m pixels.
    pixels, filtered = (x.view(1, m, 1, -1).permute(0, 3, 1, 2) for x in (a, c))
    taps = torch.randn(n, k, 1, 1).contiguous(memory_format=torch.channels_last)
    if not backward:
        return {
            "contiguous": lambda: torch.mm(a, b, out=c),
            "oneDNN": lambda: linear(a, b.t()),
            "channels-last": lambda: F.conv2d(pixels, taps),
        }
    da, db = torch.empty(m, k), torch.empty(k, n)

    def contiguous():
        torch.mm(c, b.t(), out=da)
        torch.mm(a.t(), c, out=db)

    def onednn():
        linear(c, b)
        linear(a.t(), c.t())

    def channels_last():
        convolution_backward(filtered, pixels, taps, 0, [True, True, False])

    return {"contiguous": contiguous, "oneDNN": onednn, "channels-last": channels_last}


def convolution_backward(dy, x, weight, padding, wanted):
    torch.ops.aten.convolution_backward(
        dy, x, weight, [dy.shape[1]], [1, 1], [padding] * 2, [1, 1], False, [0, 0], 1, wanted
    )


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
            forms[name] = lambda x=x, dy=dy, weight=weight: convolution_backward(
                dy, x, weight, 1, [True, True, False]
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
