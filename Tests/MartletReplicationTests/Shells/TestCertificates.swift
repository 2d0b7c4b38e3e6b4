/// Certificates for a hundred years that nobody trusts: for these tests alone. `shipper` and
/// `follower` (nest-2) are of `authority`, `stranger` of another one; `expired` was of `authority`.
enum TestCertificates {
    struct Pair {
        var certificate: String
        var key: String
    }

    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBcTCCARegAwIBAgIULjK+eECZBJm3a6lNw1yw/7GP59gwCgYIKoZIzj0EAwIw
        DTELMAkGA1UEAwwCY2EwIBcNMjYxMTI1MDAxNDMwWhgPMjEyNjExMDEwMDE0MzBa
        MA0xCzAJBgNVBAMMAmNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEUKohWe1I
        GsTzpd4ZiJu+3IRG2EUeH3SBnQv+gNExnRzf7hPgJKcWhnw3XJG94PF6IqxZ5Cm6
        x22VTf2JaBMyA6NTMFEwHQYDVR0OBBYEFKDDYEioTzXRzHEp3vaI7DH7AQ33MB8G
        A1UdIwQYMBaAFKDDYEioTzXRzHEp3vaI7DH7AQ33MA8GA1UdEwEB/wQFMAMBAf8w
        CgYIKoZIzj0EAwIDSAAwRQIgLhzyFdBN5X2Vs58+tbbjOkbi0vwR3WYsu8+fsmcm
        5ooCIQCGVu3LNUAUaZI05ORpWRJHHPNWk9FypoV7xUjHY3Up5g==
        -----END CERTIFICATE-----

        """

    static let otherAuthority = """
        -----BEGIN CERTIFICATE-----
        MIIBdzCCAR2gAwIBAgIUJkJCVfDL5HbQ7iHnsBfWYdeAYFkwCgYIKoZIzj0EAwIw
        EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTI1MDAxNDMwWhgPMjEyNjExMDEwMDE0
        MzBaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
        Q6J1Oe41SotIIr7TbS+3UpG+5q4WlfVqzNk4bPSNqX3O/vR4Syb9rqwF42rmJKa3
        M1xMASztBdFi4eb3WLi7wKNTMFEwHQYDVR0OBBYEFNJfb6wNmURdw4EQEJT5Q9Q7
        gaDSMB8GA1UdIwQYMBaAFNJfb6wNmURdw4EQEJT5Q9Q7gaDSMA8GA1UdEwEB/wQF
        MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgSiyn0SeffWcEXyMSU6GzoZXW25FLU5mW
        pt0MlALOZVECIQDIJgRgyrBJckodshWo58VZoFUrT3o7AOznAGSHs00RoQ==
        -----END CERTIFICATE-----

        """

    static let shipper = Pair(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBgTCCASegAwIBAgIUSDjeFysnNaUPMYk/8WEQB5+bXukwCgYIKoZIzj0EAwIw
            DTELMAkGA1UEAwwCY2EwIBcNMjYxMTI1MDAxNDMxWhgPMjEyNjExMDEwMDE0MzFa
            MBIxEDAOBgNVBAMMB3NoaXBwZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATY
            HfR0UTeuAQ42C8t63tK3QW04zMY7ceaF59s6B6BuV8Fm4SDOT+sVpBpxkJaan/JT
            TA7AckC4Y16Cmfw0sRsio14wXDAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEw
            HQYDVR0OBBYEFOJJbp600P1yBYwQD5EYPXoCGQt0MB8GA1UdIwQYMBaAFKDDYEio
            TzXRzHEp3vaI7DH7AQ33MAoGCCqGSM49BAMCA0gAMEUCIQCEIugBeT1p8EXSnQEn
            sTv0JKo+apvMK7U+MBVXKTQ2zAIgTRqLc5NJi006gqzZfriCEiaRw8hml5YArAj8
            skz9dhQ=
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMht8sA0V+4rNNnoS
            owBwgBW8v7/KMLaSdcdGIAR95z+hRANCAATYHfR0UTeuAQ42C8t63tK3QW04zMY7
            ceaF59s6B6BuV8Fm4SDOT+sVpBpxkJaan/JTTA7AckC4Y16Cmfw0sRsi
            -----END PRIVATE KEY-----

            """)

    static let follower = Pair(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBfzCCASagAwIBAgIUSDjeFysnNaUPMYk/8WEQB5+bXuowCgYIKoZIzj0EAwIw
            DTELMAkGA1UEAwwCY2EwIBcNMjYxMTI1MDAxNDMxWhgPMjEyNjExMDEwMDE0MzFa
            MBExDzANBgNVBAMMBm5lc3QtMjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOgV
            56xq0w2+CK4sAOOFOq7OVTzFF/7aygmhPPURs2GGK3Fqo8uuZfgYT+YbEZV1CD4c
            hEjljZ8JY04Cd62+GsGjXjBcMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAd
            BgNVHQ4EFgQURenNswT2CS3ethPHIDgqOVDUjZcwHwYDVR0jBBgwFoAUoMNgSKhP
            NdHMcSne9ojsMfsBDfcwCgYIKoZIzj0EAwIDRwAwRAIgTlRFVIf+XrDTyDsKg0Es
            9wpK3oECDsLMMgSecwsp30UCIEMVzHN9IUg7FXf3ixnmwwHmXe6BDrL/UobDiAmG
            7ANT
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQge2dsgnvU3NlhcYiD
            9o/v0UCzXvdADE2HEYxLjO6kDmahRANCAAToFeesatMNvgiuLADjhTquzlU8xRf+
            2soJoTz1EbNhhitxaqPLrmX4GE/mGxGVdQg+HIRI5Y2fCWNOAnetvhrB
            -----END PRIVATE KEY-----

            """)

    static let stranger = Pair(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBhjCCASugAwIBAgIUbtK2NEPhpQa5f8mp0VKtMbOokdgwCgYIKoZIzj0EAwIw
            EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTI1MDAxNDMxWhgPMjEyNjExMDEwMDE0
            MzFaMBMxETAPBgNVBAMMCHN0cmFuZ2VyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
            QgAEzvzPKkfQgFHg1tmXkAGKMROBSKciKhbMYV+INx1yUegLD00jL3dZ3FT6yKpC
            PwSfuaPM3W4wEyO00lUnx1QZK6NeMFwwGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/
            AAABMB0GA1UdDgQWBBRK03odnoGM4gHsabIHMpTidWQTYTAfBgNVHSMEGDAWgBTS
            X2+sDZlEXcOBEBCU+UPUO4Gg0jAKBggqhkjOPQQDAgNJADBGAiEAy0ris4fG5aIt
            RLNCOxb86/HfTM8qG80TLsaTbdRA/ngCIQDs3R/GzG4lYltdxXE4phRQF0yhH5UD
            hb0MCzijswZHRQ==
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgE6m0w+OKMq1xBHG1
            IXH11Pvdeg/7h0Dz3A/sWxuJ+XChRANCAATO/M8qR9CAUeDW2ZeQAYoxE4FIpyIq
            FsxhX4g3HXJR6AsPTSMvd1ncVPrIqkI/BJ+5o8zdbjATI7TSVSfHVBkr
            -----END PRIVATE KEY-----

            """)

    static let expired = Pair(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBAzCBqgIBdzAKBggqhkjOPQQDAjANMQswCQYDVQQDDAJjYTAeFw0yMDAxMDEw
            MDAwMDBaFw0yMTAxMDEwMDAwMDBaMA8xDTALBgNVBAMMBGxhdGUwWTATBgcqhkjO
            PQIBBggqhkjOPQMBBwNCAAR0Aey4xkl0lIsF0KTWnZFbw4aVMG7LRa2bxUaShdD8
            64Xki3narDvl1lE7VGdnDyuyagdB7o2cWoHdgfTDJYbgMAoGCCqGSM49BAMCA0gA
            MEUCIQD37goLFcoYeasi7ZcGXHFbMlkFZPcGqPvRRf9W1lU4tgIgOa4XeSH4tT1M
            KzlAtErnVz2o88D5ouexmtyeHjLGczI=
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0Jp5qnbP2P4+RCjI
            6poxzttTiQ7nkklsan4ZP6ISzlehRANCAAR0Aey4xkl0lIsF0KTWnZFbw4aVMG7L
            Ra2bxUaShdD864Xki3narDvl1lE7VGdnDyuyagdB7o2cWoHdgfTDJYbg
            -----END PRIVATE KEY-----

            """)
}
