package link.ambassador.relay.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import link.ambassador.config.Printable;
import link.ambassador.config.SubjectAltName;

/** The subject alternative names of a certificate (RFC 5280, section 4.2.1.6), of the types URI and DNS. */
record PeerNames(List<String> uris, List<String> hostnames) {
    private static final int DNS_TYPE = 2;
    private static final int URI_TYPE = 6;

    /** How many names a sentence shows. */
    private static final int MAX_SHOWN = 3;

    /** None for a certificate that cannot be parsed. */
    static PeerNames of(X509Certificate certificate) {
        List<String> uris = new ArrayList<>();
        List<String> hostnames = new ArrayList<>();
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                if (name.get(0).equals(URI_TYPE)) {
                    uris.add((String) name.get(1));
                } else if (name.get(0).equals(DNS_TYPE)) {
                    hostnames.add((String) name.get(1));
                }
            }
        } catch (CertificateParsingException e) {
            return new PeerNames(List.of(), List.of());
        }
        return new PeerNames(uris, hostnames);
    }

    boolean hasOneOf(List<SubjectAltName> wanted) {
        return wanted.stream().anyMatch(this::has);
    }

    private boolean has(SubjectAltName wanted) {
        return switch (wanted.type()) {
            case URI -> uris.stream().anyMatch(uri -> isUri(uri, wanted.value()));
            case HOSTNAME -> hostnames.stream().anyMatch(hostname -> isFor(hostname, wanted.value()));
        };
    }

    /** Exact, because the parts of a SPIFFE ID are case-sensitive; a wanted star stands for what is behind it. */
    private static boolean isUri(String uri, String wanted) {
        return wanted.endsWith("*")
                ? uri.length() >= wanted.length() && uri.startsWith(wanted.substring(0, wanted.length() - 1))
                : uri.equals(wanted);
    }

    /** Whether a certificate for {@code pattern} is one for {@code hostname} (RFC 9525, section 6.3). */
    private static boolean isFor(String pattern, String hostname) {
        String lower = hostname.toLowerCase(Locale.ROOT);
        String lowerPattern = pattern.toLowerCase(Locale.ROOT);
        if (!lowerPattern.startsWith("*.")) {
            return lowerPattern.equals(lower);
        }
        int dot = lower.indexOf('.');
        return dot > 0
                && lowerPattern.indexOf('.', 2) > 0
                && lower.substring(dot).equals(lowerPattern.substring(1));
    }

    /** The first names, for a sentence. */
    @Override
    public String toString() {
        List<String> all = new ArrayList<>(hostnames);
        all.addAll(uris);
        if (all.isEmpty()) {
            return "no name";
        }
        String shown = all.stream().limit(MAX_SHOWN).map(Printable::text).collect(Collectors.joining(", "));
        return all.size() > MAX_SHOWN ? shown + " and " + (all.size() - MAX_SHOWN) + " others" : shown;
    }
}
