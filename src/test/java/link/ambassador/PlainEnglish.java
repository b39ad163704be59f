package link.ambassador;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rules for text that people read, as far as a pattern can find what breaks them. Each has an example that it finds and one
 * that it accepts.
 */
enum PlainEnglish {
    NAME_THE_ACTOR(
            "(?:is|are|was|were|be|been) (?:told|asked) (?:of|as|about|to|for|by)\\b|\\b(?:is|are|was|were) said (?:of|to|in)\\b"
                    + "|\\bis to be heard\\b",
            "Name the actor and use the active voice: the operator reports, the API server calls the webhook.",
            "Without an operator they are told as RestartNeeded.",
            "The operator reports them as RestartNeeded."),
    NO_HEADLESS_SUBJECT(
            "(?:^|[.;:!?] |\\| )(?:Who|Whoever|Whatever) [a-z]+(?![^.|]*\\?)"
                    + "|(?:^|[.!?] )What (?:is|are|was|were|can|cannot|may|must|has|have|had|remains?|would|does|did|comes|came|one|it|they|somebody|others)\\b"
                    + "(?![^.|]*[?])(?![^.|]*, and what)"
                    + "|\\bwhoever\\b|\\band who (?:may|can|has|does|creates|deletes|edits)\\b",
            "Give the subject a noun: anyone who can edit Ambassadors, the remaining relays.",
            "Who may edit Ambassadors decides where connections go.",
            "Anyone who can edit Ambassadors decides where connections go. Who can do that?"),
    TODAYS_WORDS(
            "\\b(?:anew|for want of|to be had|rid of|born with|beside|of ours|amounts? to|in (?:its|their) own right"
                    + "|takes? (?:it|them|itself) for|took (?:it|them|itself) for|nobody|save for)\\b"
                    + "|\\b(?:JDK|Java|Kubernetes|from) \\d+(?:\\.\\d+)* on\\b|\\bso long without\\b",
            "Use today's words: again or recreate, because of missing, available, remove, with or compared with, no one, JDK 17 or later.",
            "Sidecars keep theirs until their pods are created anew.",
            "Sidecars keep their image until their pods are recreated."),
    ONE_IDEA_A_SENTENCE(
            "[^.!?;:|]*; (?:its?|their|those|that of|of which)\\b[^.!?;:|]*,[^.!?;:|]* too\\b|\\bof which[^.,;]*, of which\\b|\\bthat of[^.,;]* that of\\b",
            "One idea a sentence, and a noun before its pronoun.",
            "A caBundle is put back; its Secret, and that of the other, too.",
            "The operators restore caBundle and the Secret."),
    MACHINES_DO_NOT_SPEAK(
            "\\bthe (?:Ambassador|relay|spec|pod|operator) says\\b|\\bgo(?:es|ing)? away\\b|\\bhas the (?:last )?word\\b"
                    + "|\\b(?:gives?|gave|given) (?:the Lease|it) away\\b|\\b(?:last|first) word\\b|\\bsay(?:s)? so\\b",
            "Machines do not speak: a relay reports or serves, shuts down, releases the Lease.",
            "The relay says that it is going away.",
            "The relay reports that it is shutting down.");

    private final Pattern pattern;
    private final String advice;
    final String broken;
    final String kept;

    PlainEnglish(String pattern, String advice, String broken, String kept) {
        this.pattern = Pattern.compile(pattern);
        this.advice = advice;
        this.broken = broken;
        this.kept = kept;
    }

    /** What breaks this rule in one line or sentence, with what would be right. */
    List<String> findings(String text) {
        List<String> findings = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            findings.add("\"" + matcher.group().strip() + "\" in \"" + text.strip() + "\": " + advice);
        }
        return findings;
    }
}
