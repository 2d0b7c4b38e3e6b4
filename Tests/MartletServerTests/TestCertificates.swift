/// Two self-signed certificates that nobody trusts, for a hundred years: for these tests alone.
enum TestCertificates {
    struct Pair {
        var certificate: String
        var key: String
    }

    static let one = Pair(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBgjCCASmgAwIBAgIUQnDxb5nn2XPcAoEjR9yOq5tc+qcwCgYIKoZIzj0EAwIw
            FjEUMBIGA1UEAwwLb25lLmV4YW1wbGUwIBcNMjYxMTI0MjEyNDAzWhgPMjEyNjEw
            MzEyMTI0MDNaMBYxFDASBgNVBAMMC29uZS5leGFtcGxlMFkwEwYHKoZIzj0CAQYI
            KoZIzj0DAQcDQgAEoyIFsiGi7Vm9FsO2cUv6MqkLLAGgsOHphABxznSGbY/g57Ld
            aKpm7+C+pdPUwPgpd70p+RcBNgnHG7Mo9DNN8aNTMFEwHQYDVR0OBBYEFFiwABLa
            ItVI27mQ7L9NZPCWWfFzMB8GA1UdIwQYMBaAFFiwABLaItVI27mQ7L9NZPCWWfFz
            MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgTZ/GSH461F0znghJ
            tSjfaeM+Spy8YWyKMJEMEN/2IssCIB1ywaMkfZ6tmO/Fz/s6v1XuWbBID5BqFPMy
            x1M07j+e
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgB3d/dJUFJPMKCx5j
            2DzegwPykz+AxdACM0HP++h2j/qhRANCAASjIgWyIaLtWb0Ww7ZxS/oyqQssAaCw
            4emEAHHOdIZtj+Dnst1oqmbv4L6l09TA+Cl3vSn5FwE2Cccbsyj0M03x
            -----END PRIVATE KEY-----

            """)

    static let two = Pair(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBgjCCASmgAwIBAgIUEJwX/hTuFrkYZkJlaL4pEzUyHEMwCgYIKoZIzj0EAwIw
            FjEUMBIGA1UEAwwLdHdvLmV4YW1wbGUwIBcNMjYxMTI0MjEyNDAzWhgPMjEyNjEw
            MzEyMTI0MDNaMBYxFDASBgNVBAMMC3R3by5leGFtcGxlMFkwEwYHKoZIzj0CAQYI
            KoZIzj0DAQcDQgAEEl0IVtjW32qLmd16IP2Cx/yS3HgmiO683EN9bGFdEEegvoxm
            3RZqzLilGjceebTns1Gs9W3PToBf4WWCC9lq6KNTMFEwHQYDVR0OBBYEFKMSLiLZ
            t7R9N6z3Fx2kd4Qs8PrFMB8GA1UdIwQYMBaAFKMSLiLZt7R9N6z3Fx2kd4Qs8PrF
            MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgdINfa/ND9dyu1MyS
            oTCC6ihSjhCDIJh6eCooQffVwbICIGREhk2xeEOL4VF6JooWBaJVmnNV8bBrkmSr
            736y1kpA
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAeP155f9K+p4Ip7C
            EQGee+Zu+xDozl1LN4v/PGCEqRWhRANCAAQSXQhW2NbfaouZ3Xog/YLH/JLceCaI
            7rzcQ31sYV0QR6C+jGbdFmrMuKUaNx55tOezUaz1bc9OgF/hZYIL2Wro
            -----END PRIVATE KEY-----

            """)
}
