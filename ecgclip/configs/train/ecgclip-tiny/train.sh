#!/bin/sh
# Trains the shipped weights from beginning to end, step by step: about five hours on two cores.
#
#     sh configs/train/ecgclip-tiny/train.sh path/to/ptbxl
#
# Run it from the repository's root, with pip install '.[train]'. All results lie in runs/: the model in runs/text/model,
# the graphs that read photos in runs/sheet/sheet.onnx and runs/curves-longer/curves.onnx. Started again, it skips finished steps and resumes a stopped one.
set -eu

ptbxl=${1:?usage: sh configs/train/ecgclip-tiny/train.sh path/to/ptbxl}
recipe=configs/train/ecgclip-tiny
synthetic=synthetic:40000:71

# step RESULT COMMAND...: run the command unless its result is there
step() {
    result=$1
    shift
    if [ -e "$result" ]; then echo "$result is there"; else "$@"; fi
}

# the option that resumes the run in a folder, if it has a checkpoint
resume() {
    if [ -e "$1/checkpoint.pt" ]; then echo --resume; fi
}

step runs/signal-synthetic/signal.safetensors \
    ecgclip train signal --config $recipe/01-signal-synthetic.toml --data $synthetic --out runs/signal-synthetic
for seed in 0 1; do
    step runs/teacher$seed/signal.safetensors \
        ecgclip train signal --config $recipe/02-teacher.toml --data "$ptbxl" --out runs/teacher$seed --seed $seed
done
step runs/teacher-synthetic/signal.safetensors \
    ecgclip train signal --config $recipe/03-teacher-synthetic.toml --data "$ptbxl" --out runs/teacher-synthetic
step runs/synthetic/model \
    ecgclip train contrastive --config $recipe/04-synthetic.toml --data $synthetic --out runs/synthetic \
    $(resume runs/synthetic)
step runs/ptbxl/model \
    torchrun --standalone --nproc-per-node 2 -m ecgclip \
    train contrastive --config $recipe/05-ptbxl.toml --data "$ptbxl" --out runs/ptbxl --seed 1 \
    $(resume runs/ptbxl)
step runs/text/model \
    ecgclip train text --config $recipe/06-text.toml --model runs/ptbxl/last --data "$ptbxl" --out runs/text
step runs/sheet/sheet.onnx \
    ecgclip train sheet --config $recipe/07-sheet.toml --data "$ptbxl" --out runs/sheet \
    $(resume runs/sheet)
step runs/curves/curves.onnx \
    ecgclip train curves --config $recipe/08-curves.toml --data "$ptbxl" --out runs/curves \
    $(resume runs/curves)
step runs/curves-longer/curves.onnx \
    ecgclip train curves --config $recipe/09-curves-longer.toml --data "$ptbxl" --out runs/curves-longer \
    $(resume runs/curves-longer)
