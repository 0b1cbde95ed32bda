import assert from "node:assert/strict";
import { test } from "node:test";
import { headSizes as calibratedSizes } from "../calibration/apply.js";
import { classes } from "../emotion/taxonomy.js";
import { goEmotionsLabels } from "../emotion/goemotions.js";
