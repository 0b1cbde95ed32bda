/** @file The 41 classes in their one order, with what defines each and what separates it from its neighbours. */

/** Family a class belongs to. */
export type EmotionGroup =
  | "basic"
  | "social"
  | "learning"
  | "cognitive"
  | "negative"
  | "physical"
  | "reflective"
  | "neutral";

/** Pleasure, arousal, dominance, each in [0, 1], 0.5 neutral. */
export type PadTriple = readonly [pleasure: number, arousal: number, dominance: number];

interface Entry {
  readonly id: string;
  readonly group: EmotionGroup;
  /** Where the class lies as a rule; for explanation only, never a prediction. */
  readonly pad: PadTriple;
  /** What must be true of the writer's state. */
  readonly definition: string;
  /** The nearest classes and the rule that separates them. */
  readonly not: string;
}

/**
 * The taxonomy. The place in this list is the class index everywhere: data, logits, calibration, exports.
 * @source taxonomy/emotions.json, which a test holds equal to this table.
 */
export const taxonomy = [
  {
    id: "joy",
    group: "basic",
    pad: [0.85, 0.7, 0.75],
    definition: "Plain happiness or delight right now, at an everyday intensity.",
    not: "elation: overwhelming, euphoric; contentment: quiet and settled; satisfaction: tied to a finished task; excitement: looks forward.",
  },
  {
    id: "sadness",
    group: "basic",
    pad: [0.2, 0.3, 0.3],
    definition: "Low, down, sorrowful; a sense of loss.",
    not: "disappointment: a specific expectation was not met; distress: acute and overwhelming.",
  },
  {
    id: "anger",
    group: "basic",
    pad: [0.15, 0.8, 0.75],
    definition: "Hot hostility at someone or something seen as to blame.",
    not: "frustration: blocked by a task, little blame; bitterness: old, lingering resentment; contempt: cold, looking down.",
  },
  {
    id: "fear",
    group: "basic",
    pad: [0.15, 0.8, 0.2],
    definition: "Afraid of a definite threat: dread, scared, panic at something concrete.",
    not: "anxiety: diffuse worry about what may come.",
  },
  {
    id: "surprise",
    group: "basic",
    pad: [0.5, 0.8, 0.5],
    definition: "Something unexpected just happened; neither understanding nor valence dominates.",
    not: "breakthrough_moment: the surprise is that it now makes sense; awe: vastness or beauty.",
  },
  {
    id: "disgust",
    group: "basic",
    pad: [0.15, 0.6, 0.6],
    definition: "Revulsion: gross, sickening, morally or physically repellent.",
    not: "contempt: the target is beneath me rather than repellent.",
  },
  {
    id: "pride",
    group: "social",
    pad: [0.8, 0.65, 0.75],
    definition: "Credit to oneself (or one's own group) for an achievement; holds it up to be seen.",
    not: "satisfaction: fulfilled, not showing it; mastery: about command of the skill; confidence: about what comes next.",
  },
  {
    id: "shame",
    group: "social",
    pad: [0.15, 0.65, 0.25],
    definition: "The whole self is judged bad, stupid or unworthy; wants to hide.",
    not: "guilt: a bad act, wants to repair; embarrassment: a socially awkward moment.",
  },
  {
    id: "guilt",
    group: "social",
    pad: [0.2, 0.6, 0.3],
    definition: "Remorse over something one did or failed to do; sorry, wants to make up for it.",
    not: "shame: about who I am.",
  },
  {
    id: "gratitude",
    group: "social",
    pad: [0.75, 0.5, 0.55],
    definition: "Thankful to someone for something received.",
    not: "affection: warmth with no favour received; admiration: praise of quality.",
  },
  {
    id: "jealousy",
    group: "social",
    pad: [0.2, 0.7, 0.55],
    definition: "Pained that another has what I want (envy included).",
    not: "bitterness: resentment over unfair treatment of oneself; admiration: praise with no pain.",
  },
  {
    id: "admiration",
    group: "social",
    pad: [0.7, 0.55, 0.5],
    definition: "High regard for another's skill, work or character.",
    not: "awe: overwhelmed by greatness; gratitude: thanks.",
  },
  {
    id: "sympathy",
    group: "social",
    pad: [0.6, 0.4, 0.45],
    definition: "Feels for someone else's trouble; caring, consoling.",
    not: "affection: no trouble involved; sadness: one's own.",
  },
  {
    id: "frustration",
    group: "learning",
    pad: [0.25, 0.7, 0.45],
    definition: "Effort keeps being blocked; annoyed and stuck.",
    not: "confusion: does not understand, not yet annoyed; anger: blames; cognitive_overload: too much at once.",
  },
  {
    id: "satisfaction",
    group: "learning",
    pad: [0.75, 0.45, 0.65],
    definition: "Fulfilled because a particular piece of work came out as wanted.",
    not: "contentment: not tied to a task; pride: shows it; joy: no task.",
  },
  {
    id: "curiosity",
    group: "learning",
    pad: [0.65, 0.6, 0.6],
    definition: "Wants to know; asks or wonders out of interest.",
    not: "confusion: asks because it does not make sense; engagement: taking part with interest, no open question.",
  },
  {
    id: "confidence",
    group: "learning",
    pad: [0.7, 0.6, 0.8],
    definition: "Believes one can do what is ahead, or that things will go well.",
    not: "mastery: already commands it; pride: about the past.",
  },
  {
    id: "anxiety",
    group: "learning",
    pad: [0.2, 0.75, 0.25],
    definition: "Worried, nervous, on edge about what may come (a test, a deadline, judgement).",
    not: "fear: a concrete threat now; doubt: unsure, little arousal; distress: cannot cope.",
  },
  {
    id: "excitement",
    group: "learning",
    pad: [0.8, 0.85, 0.7],
    definition: "Energised, eager anticipation; can't wait.",
    not: "joy: about the present; elation: euphoria after something great.",
  },
  {
    id: "confusion",
    group: "learning",
    pad: [0.3, 0.55, 0.3],
    definition: "Does not understand; things don't fit together.",
    not: "doubt: has an answer but is unsure; cognitive_overload: quantity, not sense; curiosity: interest.",
  },
  {
    id: "engagement",
    group: "learning",
    pad: [0.7, 0.7, 0.65],
    definition: "Actively taking part with interest and amusement; wants to go on.",
    not: "flow_state: loses track of time and self; concentration: effortful focus; curiosity: a question is open.",
  },
  {
    id: "flow_state",
    group: "learning",
    pad: [0.8, 0.75, 0.75],
    definition: "Fully absorbed, effortless, time vanished.",
    not: "concentration: takes effort; engagement: interested, still self-aware.",
  },
  {
    id: "cognitive_overload",
    group: "learning",
    pad: [0.15, 0.85, 0.2],
    definition: "Too much information or too many demands at once; head is full.",
    not: "confusion: one thing makes no sense; fatigue: tired body or mind; distress: emotional suffering.",
  },
  {
    id: "breakthrough_moment",
    group: "learning",
    pad: [0.9, 0.8, 0.85],
    definition: "Aha: it suddenly clicked.",
    not: "surprise: no new understanding; mastery: settled command; satisfaction: a finished job.",
  },
  {
    id: "mastery",
    group: "learning",
    pad: [0.85, 0.6, 0.8],
    definition: "Settled sense of command: this is easy or automatic now, could teach it.",
    not: "confidence: about the future; pride: display; breakthrough_moment: just now.",
  },
  {
    id: "elation",
    group: "learning",
    pad: [0.9, 0.85, 0.75],
    definition: "Overwhelming, euphoric high, usually after great news or a win.",
    not: "joy: everyday; excitement: before the event.",
  },
  {
    id: "affection",
    group: "learning",
    pad: [0.8, 0.6, 0.6],
    definition: "Love, fondness or warmth towards a person, group, animal or thing.",
    not: "gratitude: a favour; admiration: quality.",
  },
  {
    id: "concentration",
    group: "cognitive",
    pad: [0.55, 0.55, 0.65],
    definition: "Deliberate, effortful focus; shutting out everything else to work.",
    not: "flow_state: effortless; engagement: fun.",
  },
  {
    id: "doubt",
    group: "cognitive",
    pad: [0.35, 0.45, 0.35],
    definition: "Unsure whether an answer, a choice or oneself is right; hesitant.",
    not: "confusion: no understanding; anxiety: aroused worry.",
  },
  {
    id: "boredom",
    group: "cognitive",
    pad: [0.3, 0.2, 0.4],
    definition: "Uninterested, under-stimulated; it drags or is too easy.",
    not: "fatigue: tired; contempt: scorn.",
  },
  {
    id: "awe",
    group: "cognitive",
    pad: [0.65, 0.7, 0.4],
    definition: "Wonder before something vast, deep or beautiful.",
    not: "admiration: regard for a person's quality; surprise: merely unexpected.",
  },
  {
    id: "disappointment",
    group: "negative",
    pad: [0.25, 0.4, 0.35],
    definition: "An outcome fell short of what was hoped or expected.",
    not: "sadness: no expectation; frustration: still trying.",
  },
  {
    id: "distress",
    group: "negative",
    pad: [0.1, 0.75, 0.2],
    definition: "Acute suffering, falling apart, cannot cope; needs help.",
    not: "sadness: quieter; anxiety: worry; cognitive_overload: information.",
  },
  {
    id: "bitterness",
    group: "negative",
    pad: [0.15, 0.6, 0.5],
    definition: "Lingering resentment over having been treated unfairly.",
    not: "anger: hot and present; jealousy: wants what another has.",
  },
  {
    id: "contempt",
    group: "negative",
    pad: [0.2, 0.65, 0.7],
    definition: "Scorn: the target is beneath respect, stupid or worthless.",
    not: "anger: hot; disgust: repelled; boredom: indifferent.",
  },
  {
    id: "embarrassment",
    group: "negative",
    pad: [0.25, 0.7, 0.3],
    definition: "Self-conscious over an awkward slip in front of others.",
    not: "shame: whole self; guilt: harm done.",
  },
  {
    id: "fatigue",
    group: "physical",
    pad: [0.25, 0.15, 0.25],
    definition: "Tired, drained, no energy left, sleepy, burnt out.",
    not: "boredom: no interest; cognitive_overload: too much input.",
  },
  {
    id: "pain",
    group: "physical",
    pad: [0.1, 0.7, 0.2],
    definition: "Bodily hurt or ache (head, eyes, hand, back …), or being hurt as if by a wound.",
    not: "distress: no hurt named; fatigue: tired, not hurting.",
  },
  {
    id: "contentment",
    group: "reflective",
    pad: [0.75, 0.3, 0.65],
    definition: "Quietly happy or relieved with how things are; nothing more is needed.",
    not: "serenity: calm itself; satisfaction: a task; joy: livelier.",
  },
  {
    id: "serenity",
    group: "reflective",
    pad: [0.7, 0.25, 0.7],
    definition: "Calm, peaceful, unhurried, at ease in mind.",
    not: "contentment: happy with how things are; neutral: no feeling.",
  },
  {
    id: "neutral",
    group: "neutral",
    pad: [0.5, 0.5, 0.5],
    definition: "No emotion is expressed: plain statement, request or fact.",
    not: "any class whose feeling can be inferred.",
  },
] as const satisfies readonly Entry[];

/** One of the 41 class ids. */
export type EmotionId = (typeof taxonomy)[number]["id"];

/** Everything known of one class. */
export interface Emotion extends Entry {
  readonly id: EmotionId;
}

/** The class ids in order, `[41]`. */
export const emotionIds: readonly EmotionId[] = taxonomy.map((entry) => entry.id);

const indices = new Map<string, number>(emotionIds.map((id, index) => [id, index]));

/** Index of a class id, or `undefined` where the id is none of the 41. */
export function emotionIndex(id: string): number | undefined {
  return indices.get(id);
}

/** Whether a string is one of the 41 ids. */
export function isEmotionId(id: string): id is EmotionId {
  return indices.has(id);
}
