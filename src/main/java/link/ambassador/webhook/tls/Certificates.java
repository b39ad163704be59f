package link.ambassador.webhook.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The certificates and keys that the replicas share.
 *
 * <table>
 * <caption>As the data of a Secret of the type {@code kubernetes.io/tls}</caption>
 * <tr><th>key</th><th>holds</th></tr>
 * <tr><td>{@code tls.crt}, {@code tls.key}</td><td>the leaf that is served</td></tr>
 * <tr><td>{@code ca.crt}</td><td>the authorities that are trusted, the newest first</td></tr>
 * <tr><td>{@code ca.key}</td><td>the key of the newest authority; the older ones sign nothing any more</td></tr>
 * </table>
 *
 * @param authorities the newest first, never empty
 * @param leaf of one of the authorities
 */
public record Certificates(List<X509Certificate> authorities, PrivateKey authorityKey, TlsKeyPair leaf) {
    static final String LEAF = "tls.crt";
    static final String LEAF_KEY = "tls.key";
    static final String AUTHORITIES = "ca.crt";
    static final String AUTHORITY_KEY = "ca.key";

    public Certificates {
        authorities = List.copyOf(authorities);
    }

    /** The first certificates: one authority and a leaf of it. */
    static Certificates first(Set<String> names, Instant now, CertificateTimes times) {
        TlsKeyPair authority = TlsKeyPair.authority(now, times);
        return new Certificates(List.of(authority.certificate()), authority.key(), authority.leaf(names, now, times));
    }

    /** @throws IllegalArgumentException when they are incomplete, with what is wrong */
    static Certificates of(Map<String, String> data) {
        List<X509Certificate> authorities = Pem.certificates(data.getOrDefault(AUTHORITIES, ""));
        TlsKeyPair newest = new TlsKeyPair(authorities.get(0), Pem.key(data.getOrDefault(AUTHORITY_KEY, "")));
        X509Certificate certificate =
                Pem.certificates(data.getOrDefault(LEAF, "")).get(0);
        TlsKeyPair leaf = new TlsKeyPair(certificate, Pem.key(data.getOrDefault(LEAF_KEY, "")));
        if (!newest.fits() || !leaf.fits()) {
            throw new IllegalArgumentException("a private key that is not its certificate's");
        }
        if (authorities.stream().noneMatch(authority -> signed(authority, certificate))) {
            throw new IllegalArgumentException("a leaf that none of the authorities signed");
        }
        return new Certificates(authorities, newest.key(), leaf);
    }

    Map<String, String> data() {
        return Map.of(
                LEAF, Pem.of(leaf.certificate()),
                LEAF_KEY, Pem.of(leaf.key()),
                AUTHORITIES, bundle(),
                AUTHORITY_KEY, Pem.of(authorityKey));
    }

    /** The authorities that the API server is to trust, in PEM. */
    String bundle() {
        return Pem.of(authorities);
    }

    /** What a server shows: without the authority, which the client has. */
    public ServerCertificate served() {
        return new ServerCertificate(List.of(leaf.certificate()), leaf.key());
    }

    X509Certificate newest() {
        return authorities.get(0);
    }

    boolean newestSignedTheLeaf() {
        return signed(newest(), leaf.certificate());
    }

    boolean isFor(Set<String> names) {
        try {
            Collection<List<?>> alternatives = leaf.certificate().getSubjectAlternativeNames();
            return alternatives != null
                    && alternatives.stream()
                            .map(alternative -> (String) alternative.get(1))
                            .collect(Collectors.toSet())
                            .equals(names);
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    /** With a new authority that signs from now on; the leaf stays, and the other authorities are still trusted. */
    Certificates withNewAuthority(Instant now, CertificateTimes times) {
        TlsKeyPair added = TlsKeyPair.authority(now, times);
        List<X509Certificate> all = new ArrayList<>(List.of(added.certificate()));
        all.addAll(authorities);
        return new Certificates(all, added.key(), leaf);
    }

    /** With a leaf that the newest authority signed. */
    Certificates withNewLeaf(Set<String> names, Instant now, CertificateTimes times) {
        return new Certificates(
                authorities, authorityKey, new TlsKeyPair(newest(), authorityKey).leaf(names, now, times));
    }

    /** Without the authorities whose leaves have all expired. */
    Certificates withoutSpentAuthorities(Instant now, CertificateTimes times) {
        return new Certificates(living(now, times), authorityKey, leaf);
    }

    boolean hasSpentAuthorities(Instant now, CertificateTimes times) {
        return living(now, times).size() < authorities.size();
    }

    private List<X509Certificate> living(Instant now, CertificateTimes times) {
        List<X509Certificate> living = new ArrayList<>(List.of(newest()));
        for (int i = 1; i < authorities.size(); i++) {
            X509Certificate authority = authorities.get(i);
            // It signed until the next authority was created. On a late clock, its last leaf is valid for longer.
            Instant lastLeafEnds =
                    made(authorities.get(i - 1), times).plus(times.leaf()).plus(times.backdated());
            boolean ended = authority.getNotAfter().toInstant().isBefore(now);
            if (signed(authority, leaf.certificate()) || (!ended && now.isBefore(lastLeafEnds))) {
                living.add(authority);
            }
        }
        return living;
    }

    static Instant made(X509Certificate certificate, CertificateTimes times) {
        return certificate.getNotBefore().toInstant().plus(times.backdated());
    }

    /** Whether two thirds of its life are over. */
    static boolean isOld(X509Certificate certificate, Instant now, CertificateTimes times) {
        Instant made = made(certificate, times);
        Duration life = Duration.between(made, certificate.getNotAfter().toInstant());
        return !now.isBefore(made.plus(life.multipliedBy(2).dividedBy(3)));
    }

    private static boolean signed(X509Certificate authority, X509Certificate certificate) {
        try {
            certificate.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
