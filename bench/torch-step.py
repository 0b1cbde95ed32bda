"""PyTorch's side of the training benchmark: the same model, batch, losses and optimizer in float32 on the CPU.

Usage: torch-step.py FOLDER BATCH TOKENS THREADS FREEZE_EMBEDDINGS FREEZE_LAYERS
FOLDER holds a BERT or an MPNet; FREEZE_EMBEDDINGS is 0 or 1, FREEZE_LAYERS how many of the lowest layers stay as they are.
Prints one JSON line when ready, then for each line N on stdin runs N steps and prints their milliseconds as JSON.
"""

import json
import sys
import time

import torch
import transformers

folder = sys.argv[1]
batch, tokens, threads, freeze_embeddings, freeze_layers = map(int, sys.argv[2:7])
torch.set_num_threads(threads)
torch.set_flush_denormal(True)
torch.manual_seed(1)
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

sizes = {"emotion": 41, "goemotions": 28, "pad": 3, "emobank": 3, "readiness": 1, "support": 6}
weights = {"emotion": 1.0, "goemotions": 1.0, "pad": 3.0, "emobank": 3.0, "readiness": 3.0, "support": 0.3}

encoder = transformers.AutoModel.from_pretrained(
    folder,
    add_pooling_layer=False,
    dtype=torch.float32,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)
heads = torch.nn.ModuleDict({head: torch.nn.Linear(encoder.config.hidden_size, size) for head, size in sizes.items()})
dropout = torch.nn.Dropout(0.1)
encoder.train()

# As src/training/base.ts: before the first layer lie the tables, their norm and MPNet's bias of relative positions.
frozen = list(encoder.encoder.layer[:freeze_layers])
if freeze_embeddings:
    frozen.append(encoder.embeddings)
    if encoder.config.model_type == "mpnet":
        frozen.append(encoder.encoder.relative_attention_bias)
for module in frozen:
    module.requires_grad_(False)
trained = [parameter for parameter in encoder.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW(
    [{"params": trained, "lr": 1e-4}, {"params": heads.parameters(), "lr": 1e-3}], weight_decay=0.01
)

ids = torch.randint(1000, 30000, (batch, tokens))
mask = torch.ones(batch, tokens, dtype=torch.long)
targets = {
    "emotion": torch.arange(batch) % 41,
    "goemotions": torch.nn.functional.one_hot(torch.arange(batch) % 28, 28).float(),
    "pad": torch.rand(batch, 3),
    "emobank": torch.rand(batch, 3),
    "readiness": torch.rand(batch, 1),
    "support": torch.arange(batch) % 6,
}
functional = torch.nn.functional


def loss_of(head, logits):
    if head in ("emotion", "support"):
        return functional.cross_entropy(logits, targets[head])
    if head == "goemotions":
        return functional.binary_cross_entropy_with_logits(logits, targets[head]) * sizes[head]
    return functional.mse_loss(torch.sigmoid(logits), targets[head])


def step():
    hidden = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    kept = mask.unsqueeze(-1).float()
    pooled = dropout((hidden * kept).sum(1) / kept.sum(1))
    loss = sum(weights[head] * loss_of(head, layer(pooled)) for head, layer in heads.items())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_([*trained, *heads.parameters()], 1.0)
    optimizer.step()


print(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}), flush=True)
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1000)
    print(json.dumps(times), flush=True)
