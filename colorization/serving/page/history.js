// What a visitor did, step by step: a value with undo and redo.

export class History {
  constructor(value) {
    this.steps = [value];
    this.at = 0;
  }

  get value() { return this.steps[this.at]; }
  get canUndo() { return this.at > 0; }
  get canRedo() { return this.at < this.steps.length - 1; }

  // Make a new step; what was undone before it is forgotten.
  push(value) {
    this.steps = [...this.steps.slice(0, this.at + 1), value];
    this.at += 1;
  }

  undo() { if (this.canUndo) this.at -= 1; }
  redo() { if (this.canRedo) this.at += 1; }
}
