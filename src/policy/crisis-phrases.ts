/** @file Phrases of crisis in English: a list, not a model, so that it can be read and extended. */

/** What kind of danger is spoken of; `other` where a phrase of the deployment's own was found. */
export type CrisisKind = "suicide" | "self-harm" | "abuse" | "violence" | "other";

/** Phrases of one kind in one language. */
export interface PhraseList {
  readonly kind: CrisisKind;
  readonly language: string;
  /** Regular expressions over text as `normalizeForPhrases` leaves it. */
  readonly phrases: readonly string[];
}

const self = "(my ?self|me self|meself)";
const doNot = "(dont|do not|didnt|did not|doesnt|never) (really |even |actually |ever )*";
const someone =
  "(he|she|they|dad|daddy|mom|mum|mam|father|mother|parents?|step ?\\w+|uncle|aunt|brother|sister|cousin|teacher|coach|tutor|boss|boyfriend|girlfriend|husband|wife|partner|ex|bf|gf|man|men|guy|boy|boys|kids?|grand\\w+|someone|somebody)";

/**
 * English phrases by kind. Everyday hyperbole ("kill myself laughing") is found as well, on purpose.
 * @source chosen by us along what the Columbia-Suicide Severity Rating Scale asks about (Posner et al., American Journal of
 *   Psychiatry, 2011): wish to be dead, thoughts, method, intent, plan, behaviour; not validated against it.
 */
export const englishPhrases: readonly PhraseList[] = [
  {
    kind: "suicide",
    language: "en",
    phrases: [
      "suicid\\w*",
      "\\w*unaliv\\w+",
      "(kill|killing|hang|hanging|shoot|shooting|drown|drowning|stab|stabbing|off|offing|end|ending|poison|poisoning) " +
        self,
      "\\bkms\\b",
      "(end|ending|take|taking|took) (my|my own) life",
      "(end|ending|finish) it all",
      "(want|wanted|wants|wanna|need|ready|going|gonna|like|wish|hope|prefer|rather|try|tried|plan|planning) (to )?(just )?die\\b(?! (laughing|of laughter|of embarrassment))",
      "(wish|wished|hope|rather|better|prefer)( that)?( id| i would| i could)?( i)?( was| were| be| am| being)?( off)? dead\\b",
      "better off (dead|without me|if i (was|were|wasnt|werent|died|disappeared|didnt exist))",
      "(wish|wished) (i|id) (was|were|had|wasnt|werent|hadnt|had not|was not|were not|never|had never|was never|were never)( been)? (born|alive|here|exist\\w*)",
      "(wish|wished) (that )?i (didnt|did not) (exist|wake up|have to live)",
      doNot +
        "(want|wanna|wish|feel like|care to|deserve)( to)?( be)?( keep)?( go on)?( going on)? ?(live|living|alive|exist|existing|wake up|be here|here anymore|see tomorrow)",
      "(no|any|a single) (reason|point|will|purpose|use) (left )?(to|in|for) (live|living|life|going on|being alive|exist\\w*|be here)",
      "(cant|cannot|can not|couldnt) (go on|keep) (living|any ?more|any longer|being alive)",
      "(life|living) (is|isnt|is not|aint) (not )?worth (it|living)",
      "not worth living",
      "tired of (living|being alive|life|existing)",
      "(done|finished|through) with (life|living)",
      "(jump|jumping|throw|throwing)( myself)? (off|from|in front of|under|out of)( of)?( a| the| my)? (bridge|roof|building|train|car|bus|window|cliff|balcony|truck)",
      "(overdos|o ?d ?ing on|od on)\\w*",
      "(swallow|swallowed|take|took|taking|eat|down) (all|every|the whole|a bunch of|a bottle of)( of)?( my| the| these| those)? ?(pills?|meds|medication|tablets|bottle)",
      "(sleep|gone|disappear|vanish) (and never wake up|forever)",
      "never wak(e|ing) up( again)?",
      "(nobody|no one|noone|who|they|everyone|anyone) (would|will|wouldnt|will not|wont|d) (even )?(miss|notice|care|be happier|be better).{0,24}(i (was|were|am|died|die|disappear\\w*)|im (gone|dead)|without me|me gone)",
      "(goodbye|good bye|bye) (forever|world|everyone forever)",
      "(my|a) (suicide|goodbye|last|final) (note|letter) (is|to|for|written)",
      "(wont|will not|not going to|not gonna) be (here|alive|around) (tomorrow|next week|much longer|any ?more|for long)",
      "this is my last (day|night|message|goodbye)",
    ],
  },
  {
    kind: "self-harm",
    language: "en",
    phrases: [
      "self ?harm\\w*",
      "(cut|cuts|cutting|hurt|hurts|hurting|harm|harming|burn|burning|starve|starving|punish|punishing|injure|injuring|scratch|scratching|hit|hitting|punch|punching|choke|choking) " +
        self,
      "(cut|cutting|slit|slitting|slash|slashing) (my|open my) (wrists?|arms?|legs?|thighs?|veins?|throat|skin)",
      "(started|been|stop|keep|back to|relapsed?( and| into)?) (cutting|self harming|sh)\\b(?! (class|corners|down|it close|school))",
    ],
  },
  {
    kind: "abuse",
    language: "en",
    phrases: [
      "(rape[ds]?|raping|molest\\w*|incest)\\b",
      "sexual\\w* (abus\\w*|assault\\w*|harass\\w*|touch\\w*)",
      "(abus|groom|traffick)(e[ds]?|ing|ed|es|ked|king)? (me|us|my (sister|brother|mom|mum|mother|friend))",
      "(am|was|been|being|get|gets|getting|im|got) (abused|beaten|molested|groomed|trafficked|assaulted|raped|hit at home)",
      someone +
        " (\\w+ ){0,3}(hits?|hitting|beats?|beating|slaps?|slapped|punche[sd]|punch|kicks?|kicked|choke[sd]?|burn(s|ed|t)?|hurts?|threaten(s|ed)?|abuse[sd]?|touche[sd]|touching|touch|strangle[sd]?|locks?|locked) (me|us)\\b(?! (at|to|by) )",
      "(made|makes|make|forced|forces|forcing) me (to )?(touch|have sex|do things|take off|undress|send (nudes|pictures|photos))",
      "touch(es|ed|ing)? (me|my) (where|in a|in places|private|down there|inappropriately|body|privates)",
      "(afraid|scared|terrified|frightened|not safe|unsafe|isnt safe|dont feel safe) (to go|to be|of going|going|at|to return|in)( back)? ?(home|my (house|home|own home))",
      "(wont|doesnt|dont|does not|do not|never) (let|lets|give|gives) me (eat|any food|food|leave the house)",
      "(abuse|violence|violent) at home",
      "domestic (abuse|violence)",
    ],
  },
  {
    kind: "violence",
    language: "en",
    phrases: [
      "shoot(ing)? up (the|my|this|our|a) ?\\w*",
      "(bring|bringing|take|taking|have|got) (a|my|the|my dads) (gun|knife|weapon|bomb) (to|at|in) (school|class|college|work|campus)",
      "(kill|hurt|shoot|stab|murder)(ing)? (everyone|everybody|them all|you all|my (teacher|classmates?|parents?|dad|mom|mum|mother|father|family|brother|sister))",
      "(bomb|burn down|blow up) (the|my|this) (school|class\\w*|college)",
    ],
  },
];
